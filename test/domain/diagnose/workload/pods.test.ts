import test from 'ava';
import { podFindings } from '../../../../domain/diagnose/workload/pods.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { inject, refusedBirth, type WorkloadScene } from '../../../cli/doctor/cluster.ts';
import { cartIn, clusterOf, keysOf } from '../support.ts';

function found(workload: WorkloadScene, more: readonly JsonObject[] = []) {
  const cluster = clusterOf({ workloads: [workload], more });
  return podFindings(cartIn(cluster), cluster);
}

const withStatus = (podStatus: JsonObject, pods: 'injected' | 'bare' = 'injected') =>
  found({ replicas: 1, podStatus, pods });

const ofAgent = (state: JsonObject) => ({
  initContainerStatuses: [{ name: 'opentelemetry-auto-instrumentation-nodejs', state }],
});

test('an init container that waits for its turn, or is done, is no trouble', (t) => {
  t.deepEqual(withStatus(ofAgent({ waiting: { reason: 'PodInitializing' } })), []);
  t.deepEqual(withStatus(ofAgent({ terminated: { reason: 'Completed', exitCode: 0 } })), []);
});

test('an image that cannot be pulled is named', (t) => {
  const [trouble] = withStatus(ofAgent({ waiting: { reason: 'ErrImagePull' } }));
  t.is(trouble?.check, 'AgentImageNotPulled');
  t.regex(trouble?.detail ?? '', /^opentelemetry-auto-instrumentation-nodejs: .+:.+/);
});

test('a pod that crashes without an agent is none of our business', (t) => {
  const state = { waiting: { reason: 'CrashLoopBackOff' } };
  const status = { containerStatuses: [{ name: 'app', state }] };
  t.deepEqual(withStatus(status, 'bare'), []);
  t.deepEqual(keysOf(withStatus(status)), ['CrashesWithAgent']);
});

const killed = (restartCount: number) =>
  keysOf(
    withStatus({
      containerStatuses: [
        {
          name: 'app',
          restartCount,
          state: { running: {} },
          lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
        },
      ],
    }),
  );

test('a container that ran out of memory once and runs again is not told of, one that does it again is', (t) => {
  t.deepEqual(killed(1), []);
  t.deepEqual(killed(2), ['MemoryTooSmall']);
});

const withProbes = (container: JsonObject) =>
  keysOf(found({ annotations: { [inject('java')]: 'true' }, container }));

test('the probe that counts until Java has started is the start-up probe, where there is one', (t) => {
  const hasty = { periodSeconds: 1, failureThreshold: 3 };
  t.deepEqual(withProbes({ livenessProbe: hasty }), ['ProbesTooShort']);
  t.deepEqual(withProbes({ livenessProbe: hasty, startupProbe: { failureThreshold: 30 } }), []);
  t.deepEqual(withProbes({ startupProbe: hasty }), ['ProbesTooShort']);
  t.deepEqual(withProbes({ livenessProbe: {} }), []);
});

const refusing = (status: 'True' | 'False', reason = 'FailedCreate') => ({
  status: { conditions: [{ type: 'ReplicaFailure', status, reason, message: 'exceeded quota' }] },
});

test('pods that the API server refuses are told of in its words', (t) => {
  const [refused] = found(refusing('True'));
  t.like(refused, { check: 'PodsRefused', detail: 'exceeded quota' });
  t.true(refused?.remedy?.includes('`kubectl rollout restart deployment/cart -n shop`'));
});

test('pods that are taken again, or cannot be deleted, are not refused', (t) => {
  t.deepEqual(keysOf(found(refusing('False'))), []);
  t.deepEqual(keysOf(found(refusing('True', 'FailedDelete'))), []);
});

test('pods of a Deployment that asks for no agent are refused without our saying so', (t) => {
  t.deepEqual(keysOf(found({ ...refusing('True'), annotations: {}, pods: 'bare' })), []);
});

const lacking: WorkloadScene = { kind: 'StatefulSet', status: { replicas: 1 } };

test('of a StatefulSet that lacks pods its last Event tells why they are refused', (t) => {
  const events = [
    refusedBirth('StatefulSet', 'cart', 'no room', 10),
    refusedBirth('StatefulSet', 'cart', 'still no room', 2),
    refusedBirth('StatefulSet', 'cart', 'not yet', 30),
    refusedBirth('StatefulSet', 'cart-of-another', 'of another', 1),
    refusedBirth('DaemonSet', 'cart', 'of another kind', 0),
    { ...refusedBirth('StatefulSet', 'cart', 'of another matter', 1), reason: 'FailedDelete' },
  ];
  const refused = found(lacking, events);
  t.deepEqual(
    refused.map(({ check, detail }) => [check, detail]),
    [['PodsRefused', 'still no room']],
  );
});

test('a StatefulSet that has all its pods, or no such Event, is not told of', (t) => {
  const past = [refusedBirth('StatefulSet', 'cart', 'no room', 10)];
  t.deepEqual(keysOf(found({ kind: 'StatefulSet' }, past)), []);
  t.deepEqual(keysOf(found(lacking)), []);
});

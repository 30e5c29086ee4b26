import test from 'ava';
import { podFindings } from '../../../../domain/diagnose/workload/pods.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { inject } from '../../../cli/doctor/cluster.ts';
import { cartIn, clusterOf, keysOf } from '../support.ts';

const withStatus = (podStatus: JsonObject, pods: 'injected' | 'bare' = 'injected') =>
  podFindings(cartIn(clusterOf({ workloads: [{ replicas: 1, podStatus, pods }] })));

const ofAgent = (state: JsonObject) => ({
  initContainerStatuses: [{ name: 'opentelemetry-auto-instrumentation-nodejs', state }],
});

test('an init container that waits for its turn, or is done, is no trouble', (t) => {
  t.deepEqual(withStatus(ofAgent({ waiting: { reason: 'PodInitializing' } })), []);
  t.deepEqual(withStatus(ofAgent({ terminated: { reason: 'Completed', exitCode: 0 } })), []);
});

test('an image that cannot be pulled is named', (t) => {
  const [found] = withStatus(ofAgent({ waiting: { reason: 'ErrImagePull' } }));
  t.is(found?.check, 'AgentImageNotPulled');
  t.regex(found?.detail ?? '', /^opentelemetry-auto-instrumentation-nodejs: .+:.+/);
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
  keysOf(
    podFindings(
      cartIn(clusterOf({ workloads: [{ annotations: { [inject('java')]: 'true' }, container }] })),
    ),
  );

test('the probe that counts until Java has started is the start-up probe, where there is one', (t) => {
  const hasty = { periodSeconds: 1, failureThreshold: 3 };
  t.deepEqual(withProbes({ livenessProbe: hasty }), ['ProbesTooShort']);
  t.deepEqual(withProbes({ livenessProbe: hasty, startupProbe: { failureThreshold: 30 } }), []);
  t.deepEqual(withProbes({ startupProbe: hasty }), ['ProbesTooShort']);
  t.deepEqual(withProbes({ livenessProbe: {} }), []);
});

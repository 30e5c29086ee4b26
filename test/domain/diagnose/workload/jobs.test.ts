import test from 'ava';
import { jobFindings } from '../../../../domain/diagnose/workload/jobs.ts';
import { clusterOf } from '../support.ts';

const pod = (owner: string, ...containers: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${owner}-pod`.toLowerCase(),
    namespace: 'shop',
    ownerReferences: [{ kind: owner, name: 'import', uid: 'u-9', controller: true }],
  },
  spec: { containers: containers.map((name) => ({ name })) },
  status: { phase: 'Running' },
});

const sidecar = 'opentelemetry-auto-instrumentation';

test('a Job whose pod carries the Go agent is named, with what ends it', (t) => {
  const [one, ...others] = jobFindings(clusterOf({ more: [pod('Job', 'app', sidecar)] }));
  t.is(others.length, 0);
  t.like(one, { check: 'SidecarOutlivesJob', level: 'warning', about: 'Job/shop/import' });
  t.regex(one?.remedy ?? '', /inject-go: "false"/);
});

test('a Job without it, and what is no Job, is nothing to tell of', (t) => {
  const more = [pod('Job', 'app'), pod('ReplicaSet', 'app', sidecar)];
  t.deepEqual(jobFindings(clusterOf({ more })), []);
});

import test from 'ava';
import { readJob } from '../../../../domain/restart/records/job.ts';

test('a Job keeps whose it is, and nothing of what it runs', (t) => {
  const owner = { kind: 'CronJob', name: 'nightly', uid: 'c' };
  const metadata = {
    name: 'nightly-1',
    namespace: 'shop',
    uid: 'j',
    ownerReferences: [{ ...owner, controller: true }],
  };
  t.deepEqual(readJob({ metadata, spec: { template: { spec: { containers: [] } } } }), {
    namespace: 'shop',
    name: 'nightly-1',
    uid: 'j',
    createdAt: 0,
    deletedAt: undefined,
    owner,
  });
  t.is(readJob(null), undefined);
});

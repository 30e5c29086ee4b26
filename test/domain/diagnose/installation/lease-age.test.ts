import test from 'ava';
import { controllerFindings } from '../../../../domain/diagnose/installation/controller.ts';
import { noon } from '../../../cli/doctor/cluster.ts';
import { clusterOf, keysOf } from '../support.ts';

const lease = 'Lease/otel-retrofit/otel-retrofit-controller';

function foundAfter(secondsAgo: number): readonly string[] {
  const renewTime = new Date(noon - secondsAgo * 1_000).toISOString();
  const changed = { [lease]: { spec: { renewTime, leaseDurationSeconds: 15 } } };
  return keysOf(controllerFindings(clusterOf({ changed }, { now: noon / 1_000 })));
}

test('a lease counts as held for twice the time for which it was taken', (t) => {
  t.deepEqual(foundAfter(29), []);
  t.deepEqual(foundAfter(30), ['NobodyLeads']);
});

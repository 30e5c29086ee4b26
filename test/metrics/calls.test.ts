import test from 'ava';
import { apiDuration, apiRequests, buildInfo } from '../../metrics/calls.ts';

test('calls are counted and timed by the same labels', (t) => {
  t.deepEqual(apiRequests.labels, apiDuration.labels);
  t.deepEqual(apiRequests.labels, ['verb', 'resource', 'code']);
});

test('the build is told by an info metric', (t) => {
  t.regex(buildInfo.name, /_info$/);
});

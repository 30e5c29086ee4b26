import test from 'ava';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import { statusJson } from '../../../domain/status/status.ts';
import { writeOf } from '../../../domain/status/write.ts';
import { aJudgement, breakerSince, days, mended, settledFor } from '../restart/plan/build.ts';
import { statusIn } from './build.ts';

const covered = statusIn({ judgements: [mended('Deployment/a/web', days(1))] });

const before = (differences: JsonObject = {}): JsonObject => ({
  ...statusJson(covered),
  ...differences,
});

test('what is there already is not written', (t) => {
  t.deepEqual(writeOf(before(), covered), { kind: 'none' });
});

test('what somebody else has written there stays', (t) => {
  t.deepEqual(writeOf(before({ upgradeBlockedVersions: { java: 'x' } }), covered), {
    kind: 'none',
  });
});

test('the first word is written at once', (t) => {
  t.deepEqual(writeOf({}, covered), { kind: 'now', patch: { status: statusJson(covered) } });
});

test('a count may wait for others, and nothing but it is written', (t) => {
  const pods = { ...covered.pods, wanted: 2, current: 2 };
  t.deepEqual(writeOf(before(), { ...covered, pods }), {
    kind: 'soon',
    patch: { status: { pods: { wanted: 2, current: 2 } } },
  });
});

test('a condition that turns is written at once, a reason that changes is not', (t) => {
  t.is(writeOf(before(), statusIn({ judgements: [aJudgement()] })).kind, 'now');
  const [ready, ...others] = covered.conditions;
  if (!ready) throw new Error('no condition');
  const conditions = [{ ...ready, reason: 'ProbePending' as const }, ...others];
  t.is(writeOf(before(), { ...covered, conditions }).kind, 'soon');
});

test('a breaker that opens or closes is written at once, and is taken away when it closes', (t) => {
  const open = statusIn({ instrumentation: settledFor(days(1), { status: breakerSince(60) }) });
  t.is(writeOf(before(), open).kind, 'now');
  const closing = writeOf(statusJson(open), { ...open, breaker: undefined });
  t.deepEqual(closing, { kind: 'now', patch: { status: { breaker: null } } });
});

test('a language that is switched off is taken away', (t) => {
  const { go: _go, ...resolved } = covered.resolved;
  const write = writeOf(before(), { ...covered, resolved });
  t.deepEqual(write.kind === 'none' ? {} : objectAt(write.patch, 'status'), {
    resolved: { go: null },
  });
});

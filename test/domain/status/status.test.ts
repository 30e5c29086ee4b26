import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { isObject, listAt, objectAt, type JsonObject } from '../../../domain/json.ts';
import { settingsDigest } from '../../../domain/restart/plan/settings.ts';
import { statusJson } from '../../../domain/status/status.ts';
import { writeTime } from '../../../domain/status/told.ts';
import {
  aJudgement,
  breakerSince,
  days,
  hours,
  mended,
  minutes,
  now,
  observed,
  outdated,
  settledFor,
  tried,
} from '../restart/plan/build.ts';
import { pruned, statusIn, toldOf } from './build.ts';

const busy = [
  mended('Deployment/a/web', hours(2)),
  aJudgement('Deployment/b/web'),
  aJudgement('Deployment/c/web', {
    verdict: { kind: 'stuck', reason: 'RestartFailed', cause: undefined },
    attempt: tried('failed', minutes(5)),
  }),
];

test('it is written down for which generation it speaks', (t) => {
  t.is(statusIn({ instrumentation: settledFor(days(1), { generation: 7 }) }).observedGeneration, 7);
});

test('said again when nothing has changed, it is equal to the last word, times and all', (t) => {
  const instrumentation = settledFor(days(1));
  const first = statusIn({ judgements: busy, instrumentation });
  const again = statusIn({
    judgements: busy,
    instrumentation: toldOf(instrumentation, first),
    round: { now: now + 1 },
  });
  t.deepEqual(again, first);
});

test('settings that were never seen before are as old as this moment', (t) => {
  const { settings } = statusIn({ instrumentation: observed() });
  t.deepEqual(settings, {
    digest: settingsDigest(observed()),
    since: writeTime(now),
    followed: [],
  });
});

test('other settings are as old as this moment, and what was followed before stays', (t) => {
  const told = { digest: 'of others', since: writeTime(1), followed: [writeTime(now - hours(3))] };
  const { settings } = statusIn({ instrumentation: observed({ status: { settings: told } }) });
  t.is(settings.since, writeTime(now));
  t.deepEqual(settings.followed, [writeTime(now - hours(3))]);
});

test('a change that restarts are about to follow is noted, and what is a week old dropped', (t) => {
  const instrumentation = settledFor(minutes(20), { followedAgo: [days(8), hours(30)] });
  const { settings } = statusIn({
    instrumentation,
    judgements: [aJudgement(undefined, { verdict: outdated })],
  });
  t.deepEqual(settings.followed, [writeTime(now - hours(30)), writeTime(now - minutes(20))]);
});

test('a breaker is told while it is open, and is not there otherwise', (t) => {
  const open = settledFor(days(1), { status: breakerSince(minutes(5)) });
  t.like(statusIn({ instrumentation: open }).breaker, {
    since: writeTime(now - minutes(5)),
    workload: 'Deployment/shop/first',
    reason: 'RestartFailed',
  });
  t.false('breaker' in statusJson(statusIn()));
});

test('a workload that asks for two Instrumentations is told of in both', (t) => {
  const judgement = aJudgement(undefined, {
    wanted: { instrumentations: ['shop/main', 'shop/other'] },
  });
  const other = settledFor(days(1), { name: 'other' });
  t.is(statusIn({ judgements: [judgement] }).pods.wanted, 1);
  t.is(statusIn({ judgements: [judgement], instrumentation: other }).pods.wanted, 1);
});

test('the schema has a place for all that is said, with nothing that it would refuse', (t) => {
  const path = join(import.meta.dirname, '../../../crds/instrumentations.yaml');
  const crd: unknown = parse(readFileSync(path, 'utf8'));
  const [version] = (isObject(crd) && listAt(objectAt(crd, 'spec') ?? {}, 'versions')) || [];
  const schema = ['schema', 'openAPIV3Schema', 'properties', 'status'].reduce<JsonObject>(
    (at, key) => objectAt(at, key) ?? {},
    isObject(version) ? version : {},
  );
  const statuses = [
    statusIn({ judgements: busy }),
    statusIn({ instrumentation: settledFor(days(1), { status: breakerSince(5) }) }),
    statusIn({ instrumentation: observed({ spec: { imagePullPolicy: 'Sometimes' } }) }),
    statusIn({
      webhook: 'unproven',
      instrumentation: settledFor(minutes(11), { followedAgo: [5] }),
    }),
  ];
  for (const status of statuses) t.deepEqual(pruned(statusJson(status), schema), []);
  t.not(pruned({ conditions: [{ type: 'Ready' }], more: 1 }, schema).length, 0);
});

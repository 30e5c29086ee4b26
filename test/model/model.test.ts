import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { chosenSeed, diceOf } from '../support/dice.ts';
import { fixtures } from '../support/fixtures.ts';
import { randomCase } from '../support/random.ts';
import type { Case } from './case.ts';
import { generate } from './cases/generate.ts';
import { fromFixture, fromRandom } from './cases/known.ts';
import { explain, firstDifference } from './compare.ts';
import { asTheOperator } from './operator.ts';
import { rows, unseen } from './rows.ts';
import { linesOf } from './told.ts';

/*
 * The product is compared with a second reading of the operator's rules, written independently of
 * it: see `operator.ts`. It is not the operator, and what both readings got wrong stays unseen here.
 */

const seed = chosenSeed();
const dice = diceOf(seed);

const cases: Case[] = [];

/** For each case the rows that explain it. */
const explained: ReturnType<typeof explain>[] = [];

test.before('cases are made, and explained', (t) => {
  // All the work is here, and none of it can be heard before it is done.
  t.timeout(300_000);
  cases.push(
    ...Array.from({ length: 3_000 }, () => generate(dice)),
    ...Array.from({ length: 1_000 }, () => fromRandom(randomCase(dice))),
  );
  explained.push(...cases.map(explain));
});

const root = join(import.meta.dirname, '../..');

const table = readFileSync(join(root, 'docs/compatibility.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| `(?<id>[a-z0-9-]+)` \|/.exec(line)?.groups?.['id'] ?? []);

test('going our way at every row, the second reading agrees with the product on every pod', (t) => {
  const open = cases.flatMap((one, index) =>
    explained[index] === undefined ? [`seed ${seed}, case ${index}: ${firstDifference(one)}`] : [],
  );
  t.log(`${cases.length} cases, seed ${seed}`);
  t.deepEqual(open.slice(0, 10), []);
});

test('whatever the product does differently from the operator, rows of the table explain', (t) => {
  const different = explained.filter((reasons) => reasons !== undefined && reasons.length > 0);
  t.log(`${different.length} of ${cases.length} cases differ, seed ${seed}`);
  t.true(different.length > 0 && different.length < cases.length);
  for (const row of new Set(different.flatMap((reasons) => reasons ?? [])))
    t.true(table.includes(row), row);
});

test('each row that changes pods makes a difference in some case', (t) => {
  const counts = rows.map((row) => {
    const met = explained.filter((reasons) => reasons?.includes(row));
    return [row, met.length] as const;
  });
  t.log(counts.map(([row, count]) => `${row} ${count}`).join(', '));
  t.deepEqual(
    counts.filter(([, count]) => count === 0),
    [],
    `seed ${seed}`,
  );
});

test('each row of the table is tried here, or says why it cannot be', (t) => {
  const known = [...rows, ...Object.keys(unseen)];
  t.deepEqual(known.toSorted(), table.toSorted());
});

test('rows of the table explain what becomes of every fixture', (t) => {
  for (const fixture of fixtures()) {
    // What LimitRanges allow, only an API server can say with authority, and is asked elsewhere.
    if (fixture.limitRanges.length > 0) continue;
    const one = fromFixture(fixture);
    t.not(explain(one), undefined, `${fixture.name}: ${firstDifference(one)}`);
  }
});

const stated = fixtures().flatMap((fixture) => {
  const path = join(fixture.folder, 'stated.yaml');
  if (!existsSync(path)) return [];
  return [{ fixture, ...(parse(readFileSync(path, 'utf8')) as { pod?: string }) }];
});

for (const { fixture, pod } of stated) {
  if (pod === undefined) continue;
  test(`the second reading comes to what is stated of ${fixture.name}`, (t) => {
    const outcome = asTheOperator(fromFixture(fixture));
    const lines = pod.trim().split('\n');
    t.deepEqual(
      outcome.kind === 'patched' ? linesOf(outcome.pod) : outcome,
      lines.map((line) => line.trim()),
    );
  });
}

/** What `stated.yaml` says in a sentence. */
const outcomes: Readonly<Record<string, string>> = {
  a: 'unchanged 500',
  b: 'unchanged 200',
  c: 'patched',
  d: 'patched',
  e: 'unchanged 200',
  f: 'patched',
  g: 'unchanged 200',
  h: 'unchanged 500',
  i: 'unchanged 200',
  j: 'patched',
  k: 'unchanged 200',
  l: 'unchanged 500',
  m: 'unchanged 200',
  n: 'unchanged 500',
  o: 'unchanged 500',
  p: 'patched',
  q: 'patched',
  r: 'patched',
};

for (const { fixture, pod } of stated) {
  if (pod !== undefined) continue;
  test(`the second reading ends as is stated of ${fixture.name}`, (t) => {
    const outcome = asTheOperator(fromFixture(fixture));
    const letter = /\/outcome-(?<letter>[a-z])-/.exec(fixture.name)?.groups?.['letter'] ?? '';
    t.is(
      outcome.kind === 'unchanged' ? `unchanged ${outcome.code}` : outcome.kind,
      outcomes[letter] ?? 'no such outcome',
    );
  });
}

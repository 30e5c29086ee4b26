import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import { readDisruptionBudget, selects } from '../../../../domain/restart/records/disruption.ts';

const budget = (selector: JsonObject | null, status: JsonObject = {}) =>
  readDisruptionBudget({ metadata: { name: 'b', namespace: 'shop' }, spec: { selector }, status });

function picks(selector: JsonObject | null, labels: JsonObject): boolean | undefined {
  const read = budget(selector);
  return read && selects(read.selector, labels);
}

test('a budget says how many pods can be done without, and none where it is not known', (t) => {
  t.is(budget({}, { disruptionsAllowed: 2 })?.disruptionsAllowed, 2);
  t.is(budget({})?.disruptionsAllowed, 0);
});

test('an empty selector selects all, an absent one nothing', (t) => {
  t.true(picks({}, { app: 'cart' }));
  t.false(picks(null, { app: 'cart' }));
});

test('labels and expressions must all be met', (t) => {
  const matchLabels = { app: 'cart' };
  const matchExpressions = [
    { key: 'tier', operator: 'In', values: ['web', 'api'] },
    { key: 'canary', operator: 'DoesNotExist' },
    { key: 'team', operator: 'Exists' },
    { key: 'zone', operator: 'NotIn', values: ['z'] },
  ];
  const labels = { app: 'cart', tier: 'api', team: 'a' };
  t.true(picks({ matchLabels, matchExpressions }, labels));
  t.false(picks({ matchLabels, matchExpressions }, { ...labels, app: 'web' }));
  t.false(picks({ matchLabels, matchExpressions }, { ...labels, tier: 'db' }));
  t.false(picks({ matchLabels, matchExpressions }, { ...labels, canary: 'yes' }));
  t.false(picks({ matchLabels, matchExpressions }, { ...labels, zone: 'z' }));
  t.false(picks({ matchLabels, matchExpressions }, { app: 'cart', tier: 'api' }));
});

test('an operator of a newer API counts as met: a budget too many only delays', (t) => {
  t.true(picks({ matchExpressions: [{ key: 'a', operator: 'Resembles', values: ['b'] }] }, {}));
});

test('what has no name is no budget', (t) => {
  t.is(readDisruptionBudget({ metadata: {} }), undefined);
  t.is(readDisruptionBudget('x'), undefined);
});

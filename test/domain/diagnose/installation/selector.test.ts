import test from 'ava';
import { selectorMatches } from '../../../../domain/diagnose/installation/selector.ts';

const labels = { team: 'shop', empty: '' };
const by = (operator: string, key: string, values: string[] = []) => ({
  matchExpressions: [{ key, operator, values }],
});

test('a selector that says nothing, or is not there, takes all', (t) => {
  t.true(selectorMatches(undefined, labels));
  t.true(selectorMatches({}, labels));
});

test('all that a selector says must be so', (t) => {
  t.true(selectorMatches({ matchLabels: { team: 'shop' } }, labels));
  t.false(selectorMatches({ matchLabels: { team: 'shop', tier: 'web' } }, labels));
  t.false(
    selectorMatches({ matchLabels: { team: 'shop' }, ...by('DoesNotExist', 'team') }, labels),
  );
});

test('each operator means what it means to Kubernetes', (t) => {
  t.true(selectorMatches(by('In', 'team', ['bank', 'shop']), labels));
  t.false(selectorMatches(by('NotIn', 'team', ['shop']), labels));
  t.true(selectorMatches(by('NotIn', 'tier', ['web']), labels));
  t.true(selectorMatches(by('Exists', 'empty'), labels));
  t.true(selectorMatches(by('DoesNotExist', 'tier'), labels));
});

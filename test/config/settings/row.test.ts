import test from 'ava';
import { wholeNumber } from '../../../config/settings/parsers.ts';
import { groups, optional } from '../../../config/settings/row.ts';

test('no two groups share a heading', (t) => {
  t.is(new Set(groups).size, groups.length);
});

test('a setting that may stay unset reads what it would read otherwise', (t) => {
  const parser = optional(wholeNumber(1, 2));
  t.is(parser.parse('2'), 2);
  t.is(parser.parse('3'), undefined);
});

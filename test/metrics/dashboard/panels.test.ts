import test from 'ava';
import { sections } from '../../../metrics/dashboard/panels.ts';

const panels = sections.flatMap((section) => section.panels);

test('no two panels ask under one title', (t) => {
  t.is(new Set(panels.map(({ title }) => title)).size, panels.length);
});

test('a panel says in a sentence what it shows', (t) => {
  for (const { title, help } of panels) t.regex(help, /^[A-Z1].+\.$/, title);
});

test('a line has a name, and a table needs none', (t) => {
  for (const { title, shape, queries } of panels) {
    for (const legend of Object.keys(queries)) t.is(legend === '', shape === 'table', title);
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { root } from './pages.ts';

interface Role {
  readonly kind: string;
  readonly rules?: readonly {
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const guide = readFileSync(join(root, 'docs/guides/security.md'), 'utf8');

/** The rows of the table under a heading: what may be done, where, and what for. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const chapter = guide.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  return [...chapter.matchAll(/^\| (?<cells>.+) \|$/gm)]
    .map(({ groups }) => groups?.['cells']?.split(' | ') ?? [])
    .slice(1);
}

function rightsIn(file: string) {
  const text = readFileSync(join(root, 'config/base', file), 'utf8');
  const roles = [...parseAllDocuments(text)].map((document) => document.toJS() as Role);
  return roles.flatMap(({ kind, rules = [] }) =>
    rules.flatMap(({ resources, resourceNames = [], verbs }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({
          words: [verb, ...[resource, ...resourceNames].map((name) => `\`${name}\``)],
          place: kind === 'ClusterRole' ? 'the cluster' : 'its namespace',
        })),
      ),
    ),
  );
}

for (const [program, file] of [
  ['webhook', 'webhook-rbac.yaml'],
  ['controller', 'controller-rbac.yaml'],
] as const) {
  test(`the guide tells what each right of the ${program} is for, and of no other`, (t) => {
    const rows = rowsUnder(`The ${program}'s rights`);
    const told = new Set<readonly string[]>();
    for (const { words, place } of rightsIn(file)) {
      const row = rows.find(
        ([right = '', where]) => where === place && words.every((word) => right.includes(word)),
      );
      t.truthy(row, `${words.join(' ')} in ${place}`);
      if (row) told.add(row);
    }
    t.deepEqual(
      rows.filter((row) => !told.has(row)),
      [],
    );
    for (const [, , purpose = ''] of rows) t.true(purpose.length > 10);
  });
}

test('the guide names every policy that holds the controller', (t) => {
  const text = readFileSync(join(root, 'config/base/controller-policies.yaml'), 'utf8');
  const kinds = [...text.matchAll(/^ {2}name: otel-retrofit-controller-(?<kind>\w+)$/gm)];
  t.true(kinds.length > 0);
  for (const { groups } of kinds) t.regex(guide, new RegExp(`-${groups?.['kind']}\``));
});

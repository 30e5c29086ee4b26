import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { checks, isCheck, rankOf, rowOf, type Check } from '../../../domain/diagnose/checks.ts';
import { reasons, type Reason } from '../../../domain/reasons.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
const guide = read('docs/guides/troubleshooting.md');

/** What stands below each heading of a page. */
const sections = new Map(
  guide
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...body] = section.split('\n');
      return [heading, body.join('\n')] as const;
    }),
);

test('every check has a heading in the guide, and every heading there is one of a check', (t) => {
  t.deepEqual([...sections.keys()].toSorted(), Object.keys(checks).toSorted());
});

for (const [key, { sentence, remedy }] of Object.entries<Check>(checks)) {
  test(`the guide says of ${key} what the doctor says`, (t) => {
    t.true(sections.get(key)?.includes(sentence));
    t.true(sections.get(key)?.includes(`**What to do:** ${remedy}`));
    t.regex(sentence, /^[A-Z].*\.$/);
  });
}

test('every place of the documentation that a finding names is there', (t) => {
  const keys = [...Object.keys(checks), ...Object.keys(reasons)] as Reason[];
  const lost = keys.filter((key) => {
    const [page = '', anchor] = rowOf(key).docs.split('#');
    return !read(page).toLowerCase().includes(`\n### ${anchor}\n`);
  });
  t.deepEqual(lost, []);
});

test('the links of the guide lead to headings that are there', (t) => {
  const links = [...guide.matchAll(/\]\((?<page>[^)#]*)#(?<anchor>[^)]+)\)/g)];
  const lost = links.filter(({ groups }) => {
    const page = groups?.['page'] ?? '';
    const text = page === '' ? guide : read(join('docs/guides', page));
    return !new RegExp(`^#+ ${groups?.['anchor']}$`, 'im').test(text);
  });
  t.deepEqual(lost.map(String), []);
});

test('no key is both a check and a reason, so a finding says which page explains it', (t) => {
  t.deepEqual(
    Object.keys(reasons).filter((key) => isCheck(key as Reason)),
    [],
  );
});

test('what keeps everybody from an agent comes before a request, and delivery comes after both', (t) => {
  const ranks = (
    ['WebhookNotReady', 'AnnotationMisplaced', 'NoInstrumentation', 'EndpointPortMissing'] as const
  ).map(rankOf);
  t.deepEqual(
    ranks,
    ranks.toSorted((one, other) => one - other),
  );
});

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { rootOf, type CustomResourceDefinition } from '../../crds/schema.ts';
import { isObject } from '../../domain/json.ts';
import { validate } from '../../domain/validate/validate.ts';
import { check } from '../crds/check.ts';
import { usesIn } from '../support/prometheus/queries.ts';
import { findTool } from '../support/prometheus/tool.ts';
import { elsewhere, isServer, programsIn, staged } from './commands.ts';
import { unknownIn } from './kubectl.ts';
import { allPages, commandsIn, guides, isAsSaid, root, stepsOf, type Block } from './pages.ts';
import { openWorkshop } from './workshop.ts';

const pages = guides();
const blocks = pages.flatMap((page) => page.blocks);
const placeOf = ({ page, line }: Block) => `${page}:${line}`;

/** A refusal is an answer, and so is an input that cannot be used, where the page shows what is said. */
const answers = (expected: readonly string[]) => (expected.length > 0 ? [0, 1, 2] : [0, 1]);

for (const page of pages) {
  const steps = staged(stepsOf(page));
  if (!steps.some(({ step, stage }) => step.kind === 'command' && stage === 'here')) continue;
  test(`the commands of ${page.path} that need no cluster do what it says`, async (t) => {
    t.timeout(300_000);
    const workshop = openWorkshop();
    t.teardown(workshop.close);
    for (const { step, stage } of steps) {
      if (step.kind === 'file') workshop.write(step.name, step.text);
      else if (stage === 'here') {
        const { code, printed } = isServer(step)
          ? await workshop.runUntil(step.command, /"msg":"serving"/)
          : await workshop.run(step.command);
        t.true(
          answers(step.expected).includes(code),
          `${step.place}: ${step.command}\nexit ${code}\n${printed}`,
        );
        const isSaid = step.expected.length === 0 || isAsSaid(printed, step.expected);
        t.true(isSaid, `${step.place}: ${step.command}\nprinted\n${printed}`);
      }
    }
  });
}

test('every block has a language that somebody looks at', (t) => {
  const known = new Set(['', 'console', 'yaml', 'promql', 'diff', 'json', 'text', 'lua', 'cel']);
  for (const block of blocks) t.true(known.has(block.language), placeOf(block));
});

test('few blocks are not executed, and each says why', (t) => {
  const left = blocks.filter(({ notExecuted }) => notExecuted !== undefined);
  t.true(left.length <= 4, left.map(placeOf).join(' '));
  for (const block of left) t.regex(block.notExecuted ?? '', /\w{3,} .*\w$/, placeOf(block));
});

test('what another test executes, that test exists for', (t) => {
  for (const path of Object.values(elsewhere)) t.true(existsSync(join(root, path)), path);
});

test('scripts that a page has people run are there', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const ownOfNpm = new Set(['ci', 'pack']);
  for (const block of allPages().flatMap((page) => page.blocks)) {
    if (block.language !== 'console') continue;
    for (const { command, place } of commandsIn(block)) {
      for (const [name, verb = '', script = ''] of programsIn(command)) {
        if (name !== 'npm' || ownOfNpm.has(verb)) continue;
        t.true((verb === 'run' ? script : verb) in scripts, `${place}: ${command}`);
      }
    }
  }
});

test('kubectl knows the verbs, flags and resources of every command', (t) => {
  for (const block of blocks.filter(({ language }) => language === 'console')) {
    for (const { command, place } of commandsIn(block)) {
      for (const [name, ...words] of programsIn(command)) {
        if (name === 'kubectl') t.deepEqual(unknownIn(words), [], `${place}: ${command}`);
      }
    }
  }
});

test('every block of YAML is YAML, and an Instrumentation in it is valid', (t) => {
  for (const block of blocks.filter(({ language }) => language === 'yaml')) {
    const problems = parseAllDocuments(block.text).flatMap((document) => {
      if (document.errors.length > 0) return document.errors.map(({ message }) => message);
      const json = document.toJS() as unknown;
      const isOurs = isObject(json) && json['kind'] === 'Instrumentation';
      return isOurs ? problemsOf(json) : [];
    });
    if (block.refused === undefined) t.deepEqual(problems, [], placeOf(block));
    else t.true(problems.length > 0, `${placeOf(block)} is fine after all`);
  }
});

const definition = readFileSync(join(root, 'crds/instrumentations.yaml'), 'utf8');
const { schema } = rootOf(parse(definition) as CustomResourceDefinition);

const problemsOf = (json: object): readonly string[] => [
  ...check(json, schema),
  ...validate(json).errors.map(({ path, message }) => `${path} ${message}`),
];

const queries = blocks
  .filter(({ language }) => language === 'promql')
  .flatMap((block) =>
    block.text
      .trim()
      .split('\n')
      .map((text) => ({ place: placeOf(block), text })),
  );

test('every query asks for metrics that there are', (t) => {
  const reference = readFileSync(join(root, 'docs/reference/metrics.md'), 'utf8');
  const rules = readFileSync(join(root, 'metrics/alerts.yaml'), 'utf8');
  for (const { place, text } of queries) {
    const ours = usesIn(text).filter(({ metric }) => metric.includes('retrofit'));
    for (const { metric } of ours) {
      const name = metric.replace(/_(?:bucket|count|sum)$/, '');
      const isKnown =
        reference.includes(`\n### \`${name}\`\n`) || rules.includes(`record: ${metric}`);
      t.true(isKnown, `${place}: ${metric}`);
    }
  }
});

const promtool = findTool('promtool');

if (promtool !== undefined) {
  test('promtool can read every query of the pages', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'retrofit-queries-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const rules = queries.map(({ text }, index) => ({ record: `query:${index}`, expr: text }));
    const file = join(folder, 'queries.yaml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    await t.notThrowsAsync(promisify(execFile)(promtool, ['check', 'rules', file]));
  });
}

/** As GitHub makes anchors of headings. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

const outsideFences = (text: string) => text.replaceAll(/^ *```.*?^ *```$/gms, '');

function anchorsIn(path: string): ReadonlySet<string> {
  const text = outsideFences(readFileSync(path, 'utf8'));
  return new Set([...text.matchAll(/^#+ (?<heading>.+)$/gm)].map(([, one = '']) => anchorOf(one)));
}

const link = /(?<!!)\[(?<text>[^\]]*)\]\((?<to>[^)\s]+)\)/g;

const linksIn = (text: string) =>
  [...outsideFences(text).matchAll(link)].map(({ groups }) => ({
    text: groups?.['text'] ?? '',
    to: groups?.['to'] ?? '',
  }));

test('every link between pages leads somewhere, to the heading if it names one', (t) => {
  for (const { path, text } of allPages()) {
    for (const { to } of linksIn(text)) {
      if (/^https?:/.test(to)) continue;
      const [file = '', anchor] = to.split('#');
      const target = file === '' ? join(root, path) : join(root, dirname(path), file);
      t.true(existsSync(target), `${path}: ${to}`);
      if (anchor !== undefined && target.endsWith('.md')) {
        t.true(anchorsIn(target).has(anchor), `${path}: ${to}`);
      }
    }
  }
});

test('a row of the compatibility table that a guide names is there, under the heading it links', (t) => {
  const target = 'docs/compatibility.md';
  const sections = readFileSync(join(root, target), 'utf8').split(/^## /m);
  for (const { path, text } of pages) {
    for (const { text: name, to } of linksIn(text)) {
      const [file = '', anchor = ''] = to.split('#');
      const isRow =
        name.startsWith('`') && relative(root, join(root, dirname(path), file)) === target;
      if (!isRow) continue;
      const section = sections.find((one) => anchorOf(one.split('\n', 1)[0] ?? '') === anchor);
      t.true(section?.includes(`\n| ${name} |`), `${path}: ${name} ${to}`);
    }
  }
});

test('every guide can be reached from the list of guides', (t) => {
  const list = readFileSync(join(root, 'docs/guides/README.md'), 'utf8');
  const listed = new Set(linksIn(list).map(({ to }) => join('docs/guides', to)));
  for (const { path } of pages) {
    if (path.startsWith('docs/guides/') && path !== 'docs/guides/README.md') {
      t.true(listed.has(path), path);
    }
  }
});

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parse } from 'yaml';
import { alertsIn, readRules, type AlertRule } from '../../support/prometheus/rules.ts';
import { queries } from '../../support/prometheus/queries.ts';
import { findTool } from '../../support/prometheus/tool.ts';

const root = join(import.meta.dirname, '../../..');
const cases = join(root, 'test/fixtures/alerts');
const runbooks = join(root, 'docs/runbooks');
const alerts = alertsIn(readRules());
const names = alerts.map(({ alert }) => alert);
const promtool = findTool('promtool');
const run = promisify(execFile);

const namesIn = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));

test('an alert says how bad it is, what is the matter, and where to read on', (t) => {
  for (const { alert, labels, annotations } of alerts) {
    t.true(['warning', 'critical'].includes(labels.severity), alert);
    t.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url'], alert);
    for (const text of [annotations.summary, annotations.description]) t.regex(text, /[.]$/, alert);
  }
  t.is(new Set(names).size, names.length);
});

test('every alert leads to its runbook, and every runbook belongs to an alert', (t) => {
  const linked = alerts.map(({ annotations }) => annotations.runbook_url);
  t.deepEqual(
    linked,
    names.map((name) => `https://otel-retrofit.dev/runbooks/${name}`),
  );
  t.deepEqual(namesIn(runbooks, '.md').toSorted(), names.toSorted());
});

const headings = ['What it means', 'Who notices', 'Look', 'Mend', 'Why it happens'];

for (const name of names) {
  test(`the runbook of ${name} has its five parts, and something in each`, (t) => {
    const text = readFileSync(join(runbooks, `${name}.md`), 'utf8');
    t.true(text.startsWith(`# ${name}\n`));
    const parts = text.split(/^## /m).slice(1);
    t.deepEqual(
      parts.map((part) => part.split('\n', 1)[0]),
      headings,
    );
    for (const part of parts) t.true(part.split('\n').slice(1).join('').trim().length > 40);
  });
}

interface PromtoolCase {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly { readonly exp_annotations: AlertRule['annotations'] }[];
  }[];
}

for (const name of names) {
  test(`${name} is shown to fire, and to be silent where it looks alike`, (t) => {
    const { tests } = parse(readFileSync(join(cases, `${name}.yaml`), 'utf8')) as {
      readonly tests: readonly PromtoolCase[];
    };
    const looks = tests.flatMap(({ alert_rule_test: found = [] }) => found);
    t.deepEqual(new Set(looks.map(({ alertname }) => alertname)), new Set([name]));
    t.true(looks.some(({ exp_alerts: expected }) => expected.length > 0));
    const isSilent = ({ alert_rule_test: found = [] }: PromtoolCase) =>
      found.every(({ exp_alerts: expected }) => expected.length === 0);
    t.true(tests.some(isSilent));
  });
}

test('no case is left of an alert that is gone', (t) => {
  t.deepEqual(namesIn(cases, '.yaml').toSorted(), names.toSorted());
});

if (promtool !== undefined) {
  test('promtool can read the rules', async (t) => {
    t.true(existsSync(promtool), `RETROFIT_PROMTOOL leads nowhere: "${promtool}"`);
    const { stdout } = await run(promtool, ['check', 'rules', 'metrics/alerts.yaml'], {
      cwd: root,
    });
    t.true(stdout.includes('SUCCESS'));
  });

  test('promtool can read every query of the dashboard and of the runbooks', async (t) => {
    const rules = queries().map(({ text }, index) => ({ record: `query:${index}`, expr: text }));
    const folder = mkdtempSync(join(tmpdir(), 'queries-'));
    try {
      const file = join(folder, 'queries.yaml');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
      await t.notThrowsAsync(run(promtool, ['check', 'rules', file]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  // To start it costs more than what it does: it is given all cases at once.
  const seen = run(promtool, ['test', 'rules', ...names.map((name) => `${name}.yaml`)], {
    cwd: cases,
  }).catch((error: unknown) => error as { readonly stdout: string; readonly stderr: string });

  for (const name of names) {
    test(`promtool sees ${name} fire and be silent as its cases say`, async (t) => {
      const { stdout, stderr } = await seen;
      t.true(stdout.includes(`Unit Testing:  ${name}.yaml\n  SUCCESS\n`), stderr);
    });
  }
}

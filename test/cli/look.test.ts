import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { answer } from '../../cli/look/show.ts';
import { readCommand } from '../../cli/program.ts';

/*
 * Each folder holds what a cluster is like, and what is said of it to whoever asks.
 */
const cases = join(import.meta.dirname, '../fixtures/look');

const noon = Date.parse('2026-11-21T12:00:00Z');

async function said(words: readonly string[]) {
  const outlets = { out: () => undefined, error: () => undefined };
  const asked = readCommand(words, '0', outlets);
  if (asked.kind !== 'status' && asked.kind !== 'plan') throw new Error(asked.kind);
  const context = {
    version: '0',
    environment: {},
    stdin: () => Promise.resolve(Buffer.of()),
    now: () => noon,
  };
  return answer(asked, context, (_look, text) => text);
}

for (const name of readdirSync(cases)) {
  for (const file of readdirSync(join(cases, name)).filter((one) => one.endsWith('.txt'))) {
    const words = file.replace('.txt', '').split(' ');
    test(`${name.replaceAll('-', ' ')}: retrofit ${words.join(' ')}`, async (t) => {
      const shown = await said([...words, '-f', join(cases, name, 'cluster.yaml')]);
      t.is(
        shown.kind === 'shown' ? shown.text : shown,
        readFileSync(join(cases, name, file), 'utf8'),
      );
    });
  }
}

test('programs get the same answers, with what each reason means', async (t) => {
  const file = join(cases, 'an-instrumentation-came-late/cluster.yaml');
  const shown = await said(['status', '-o', 'json', '-f', file]);
  if (shown.kind !== 'shown') throw new Error(shown.kind);
  const { workloads, reasons, totals } = JSON.parse(shown.text) as {
    readonly workloads: readonly Record<string, unknown>[];
    readonly reasons: readonly Record<string, unknown>[];
    readonly totals: object;
  };
  t.deepEqual(
    workloads.find((one) => one['workload'] === 'Deployment/shop/cart'),
    {
      workload: 'Deployment/shop/cart',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'cart',
      verdict: 'behind',
      reason: 'PodsPredateInstrumentation',
      since: '2026-11-20T09:00:00Z',
      covered: 0,
      pods: 3,
      states: { missing: 3 },
      instrumentations: ['shop/agents'],
      next: 1,
    },
  );
  t.deepEqual(totals, { workloads: 7, pods: 14, covered: 4 });
  t.true(reasons.every((one) => typeof one['summary'] === 'string'));
});

test('only the workloads of the namespace that is asked about are shown', async (t) => {
  const file = join(cases, 'an-instrumentation-came-late/cluster.yaml');
  const shown = await said(['status', '-n', 'elsewhere', '-f', file]);
  t.is(shown.kind === 'shown' ? shown.text : '', 'No workload asks for an agent.\n');
});

test('a file that is not there is said to be missing, and a kubeconfig too', async (t) => {
  const missing = await said(['status', '-f', '/nonexistent/cluster.yaml']);
  t.is(missing.kind === 'badInput' && missing.problems[0]?.file, '/nonexistent/cluster.yaml');
  const unreachable = await said(['plan', '--kubeconfig', '/nonexistent/config']);
  t.is(unreachable.kind === 'badInput' && unreachable.problems[0]?.file, '/nonexistent/config');
});

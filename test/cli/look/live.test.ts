import test from 'ava';
import { consult } from '../../../cli/doctor/show.ts';
import { answer } from '../../../cli/look/show.ts';
import { readCommand } from '../../../cli/program.ts';
import type { Scene } from '../doctor/cluster.ts';
import { startLiving, type Living } from '../doctor/living.ts';

let living: Living;

const asks = { 'instrumentation.opentelemetry.io/inject-nodejs': 'true' };

const java = 'instrumentation.opentelemetry.io/inject-java';

const scene: Scene = {
  namespaces: { shop: { annotations: asks }, bank: { annotations: {} } },
  workloads: [
    { name: 'cart' },
    { name: 'web', annotations: { [java]: 'elsewhere' }, pods: 'bare' },
    { name: 'bystander', namespace: 'bank', annotations: {} },
  ],
};

test.before(async () => {
  living = await startLiving();
  await living.create(scene);
});

test.after.always(() => living.stop());

const context = {
  version: '0',
  environment: {},
  stdin: () => Promise.resolve(Buffer.of()),
  now: Date.now,
};

const silent = { out: () => undefined, error: () => undefined };

const plain = (_look: unknown, text: string) => text;

async function said(...words: readonly string[]) {
  const asked = readCommand([...words, '--kubeconfig', living.kubeconfig], '0', silent);
  if (asked.kind === 'doctor') return consult(asked, context, plain);
  if (asked.kind !== 'status' && asked.kind !== 'plan') throw new Error(asked.kind);
  return answer(asked, context, plain);
}

async function textOf(...words: readonly string[]): Promise<string> {
  const shown = await said(...words);
  if (shown.kind === 'badInput') throw new Error(JSON.stringify(shown.problems));
  return shown.text;
}

for (const kind of ['status', 'plan']) {
  test(`${kind}: whoever may read one namespace is told of it what is told to those who may read all`, async (t) => {
    const whole = await textOf(kind, '-n', 'shop', '--context', 'whole');
    t.regex(whole, /Deployment\/shop\/web/);
    t.is(await textOf(kind, '-n', 'shop'), whole);
  });

  test(`${kind}: whoever may not read the whole cluster is told how to ask about a part of it`, async (t) => {
    const shown = await said(kind);
    t.true(shown.kind === 'badInput' && shown.problems[0]?.remedy?.includes('-n'));
  });
}

test('where few ask, only their pods are read, and the same is said of them', async (t) => {
  const asked = readCommand(
    ['status', '--context', 'whole', '--kubeconfig', living.kubeconfig],
    '0',
    silent,
  );
  if (asked.kind !== 'status') throw new Error(asked.kind);
  const shown = await answer(asked, { ...context, version: 'few' }, plain);
  const table = shown.kind === 'shown' ? shown.text : '';
  t.regex(table, /Deployment\/shop\/cart/);
  const pods = living.sandbox
    .requests()
    .filter(({ userAgent }) => userAgent === 'otel-retrofit/few')
    .filter(({ path }) => /\/(?:pods|replicasets)\?/.test(path))
    .map(({ path }) => path.replace(/\?.*/, ''));
  t.deepEqual(pods.toSorted(), [
    '/api/v1/namespaces/shop/pods',
    '/apis/apps/v1/namespaces/shop/replicasets',
  ]);
  const wide = await textOf('status', '-o', 'wide', '--context', 'whole');
  for (const line of table.split('\n').filter((one) => one.startsWith('Deployment/'))) {
    const words = line.split(/\s+/).slice(0, 4);
    t.true(wide.split('\n').some((one) => words.every((word) => one.includes(word))));
  }
  t.regex(wide, /Deployment\/bank\/bystander/);
});

for (const kind of ['status', 'plan', 'doctor']) {
  test(`${kind}: --kubeconfig and --context choose the cluster`, async (t) => {
    t.is((await said(kind, '--context', 'whole')).kind === 'badInput', false);
    const unknown = await said(kind, '--context', 'nowhere');
    t.is(unknown.kind === 'badInput' && unknown.problems[0]?.file, living.kubeconfig);
  });
}

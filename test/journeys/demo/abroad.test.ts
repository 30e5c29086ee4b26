import test, { type ExecutionContext } from 'ava';
import { travel } from '../../../cli/demo/abroad/travel.ts';
import { make, sandboxPlane } from '../stage/plane.ts';
import { deployment, deployments, furnish, left, setOut } from './theirs.ts';
import { observes, restartsItsShop, saysWhatTheShopWaitsFor } from './visits.ts';

async function aCluster(t: ExecutionContext) {
  const plane = await sandboxPlane();
  t.teardown(() => plane.stop());
  await furnish(t, plane);
  return plane;
}

for (const [title, pay] of [
  [
    'in a cluster that is named it says first what it creates, observes, and takes all of it along',
    observes,
  ],
  ['told otherwise it restarts its own shop, and nothing else passes its webhook', restartsItsShop],
  ['a node that cannot run the shop is not waited for in silence', saysWhatTheShopWaitsFor],
] as const) {
  test.serial(title, async (t) => {
    const plane = await sandboxPlane();
    t.teardown(() => plane.stop());
    await pay(t, plane);
  });
}

const namespace = (name: string) => ['/api/v1/namespaces', { metadata: { name } }] as const;

for (const [title, [path, object], words] of [
  ['that has a namespace of that name', namespace('shop'), 'Namespace shop is there already.'],
  [
    'in which somebody asks for an agent',
    [deployments, deployment({ 'instrumentation.opentelemetry.io/inject-java': 'true' })],
    'Deployment theirs/asking asks for an agent already.',
  ],
] as const) {
  test.serial(`a cluster ${title} is left alone`, async (t) => {
    const theirs = await aCluster(t);
    await make(theirs.api, path, object);
    const by = theirs.requests().length;
    const { ended, text } = await setOut(t, theirs);
    t.is(await ended, 1);
    t.true(text().includes(`  ${words}\n`), text());
    t.true(text().includes('has created nothing there'));
    const writes = theirs
      .requests()
      .slice(by)
      .filter(({ method }) => method !== 'GET')
      .map((one) => `${one.method} ${one.path}`);
    t.deepEqual(
      writes.filter((one) => /shop|otel-retrofit|opentelemetry/.test(one)),
      [],
    );
  });
}

test.serial('who leaves early leaves nothing', async (t) => {
  const theirs = await aCluster(t);
  const { says, leave } = await setOut(t, theirs);
  await says('This is created in');
  t.is(await leave(), 0);
  t.deepEqual(await left(theirs), []);
});

test.serial('a context that is not there is said to be missing', async (t) => {
  const { kubeconfig } = await aCluster(t);
  let text = '';
  const paper = { write: (part: string) => (text += part), isTerminal: false, columns: () => 100 };
  const destination = { context: 'nowhere', kubeconfig, mayRestart: false };
  t.is(await travel(paper, destination, new AbortController().signal), 1);
  t.regex(text, /the context names no cluster/);
});

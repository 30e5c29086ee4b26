import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { travel } from '../../../cli/demo/abroad/travel.ts';
import { agentImage } from '../../../cli/demo/stage.ts';
import { startKubelet } from '../../../sandbox/kubelet/kubelet.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/start.ts';
import { until } from '../../cluster/until.ts';

/** A cluster of somebody, in which something runs already. */
interface Theirs {
  readonly sandbox: Sandbox;
  readonly kubeconfig: string;
  readonly create: (path: string, object: object) => Promise<void>;
}

const deployments = '/apis/apps/v1/namespaces/theirs/deployments';

async function aCluster(t: ExecutionContext): Promise<Theirs> {
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-abroad-'));
  const sandbox = await startSandbox();
  await mkdir(join(folder, 'node'));
  const images = {
    'docker.io/library/node:24-alpine': {
      directory: join(folder, 'node'),
      command: [process.execPath],
    },
    'theirs/app': { directory: join(folder, 'node'), command: ['sleep', '1000'] },
    ...(await agentImage(folder)),
  };
  const kubelet = await startKubelet({ api: sandbox.api, images, directory: folder });
  t.teardown(async () => {
    await kubelet.stop();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig);
  const create = async (path: string, object: object) => {
    const { code, body } = await sandbox.api.call('POST', path, object);
    if (code !== 201) throw new Error(`${path}: ${code} ${body.message}`);
  };
  await create('/api/v1/namespaces', { metadata: { name: 'theirs' } });
  await create(deployments, deployment({}));
  return { sandbox, kubeconfig, create };
}

const deployment = (annotations: Readonly<Record<string, string>>) => ({
  metadata: { name: Object.keys(annotations).length === 0 ? 'till' : 'asking' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'till' } },
    template: {
      metadata: { labels: { app: 'till' }, annotations },
      spec: { containers: [{ name: 'till', image: 'theirs/app' }] },
    },
  },
});

/** The demo on its way there. */
function demo(t: ExecutionContext, { kubeconfig, sandbox }: Theirs, mayRestart = false) {
  const context =
    /current-context"?: ?"?(?<name>[\w-]+)/.exec(sandbox.kubeconfig)?.groups?.['name'] ?? '';
  const end = new AbortController();
  let text = '';
  const paper = {
    write: (part: string) => (text += part),
    isTerminal: false,
    columns: () => 100,
  };
  const ended = travel(paper, { context, kubeconfig, mayRestart }, end.signal);
  t.teardown(async () => {
    end.abort();
    await ended.catch(() => undefined);
  });
  return {
    ended,
    text: () => text,
    says: (words: string) =>
      Promise.race([
        until(() => text.includes(words), { what: `it says "${words}"` }),
        ended.then((code) => end.signal.aborted || t.fail(`it ended with ${code}: ${text}`)),
      ]),
    leave: () => {
      end.abort();
      return ended;
    },
  };
}

const wide = [
  '/api/v1/namespaces/shop',
  '/api/v1/namespaces/otel-retrofit',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/instrumentations.opentelemetry.io',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/otel-retrofit',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/otel-retrofit',
];

async function left({ sandbox: { api } }: Theirs): Promise<readonly string[]> {
  const answers = await Promise.all(wide.map((path) => api.call('GET', path)));
  return wide.filter((_path, index) => answers[index]?.code !== 404);
}

const versionsIn = async ({ sandbox: { api } }: Theirs, namespace: string) => {
  const kinds = [
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    `/api/v1/namespaces/${namespace}/pods`,
  ];
  const lists = await Promise.all(kinds.map((path) => api.call('GET', path)));
  return lists.flatMap(({ body }) =>
    (body.items ?? []).map(({ metadata: { name, generation } }) => `${name} ${generation}`),
  );
};

const writes = ({ sandbox }: Theirs) =>
  sandbox
    .requests()
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${path}`);

test.serial(
  'in a cluster that is named it says first what it creates, observes, and takes all of it along',
  async (t) => {
    const theirs = await aCluster(t);
    await until(async () => (await versionsIn(theirs, 'theirs')).length === 2, { what: 'it runs' });
    const before = await versionsIn(theirs, 'theirs');
    const { says, text, leave } = demo(t, theirs);
    await says('Every pod lacks the agent it asks for');
    const announced = text().indexOf('Deployment shop/cart');
    t.true(announced > 0 && announced < text().indexOf('A shop of three services is deployed'));
    t.true(text().includes('  Namespace shop\n'));
    t.false(text().includes('  MutatingWebhookConfiguration otel-retrofit\n'));
    const command = `  kubectl --kubeconfig ${theirs.kubeconfig} --context sandbox delete namespace shop otel-retrofit\n`;
    t.true(text().includes(command), text());
    t.regex(text(), /Deployment\/cart +2 +0 of 2 +held: ObserveOnly/);
    t.deepEqual(await left(theirs), wide.slice(0, 3));
    t.is(await leave(), 0);
    t.true(text().endsWith('All of it is gone again.\n'), text());
    t.deepEqual(await left(theirs), []);
    t.deepEqual(await versionsIn(theirs, 'theirs'), before);
  },
);

test.serial(
  'told otherwise it restarts its own shop, and nothing else passes its webhook',
  async (t) => {
    const theirs = await aCluster(t);
    const { says, text, leave } = demo(t, theirs, true);
    await says('Every pod has its agent.');
    t.regex(text(), /Deployment\/cart +2 +2 of 2 +current/);
    const { body } = await theirs.sandbox.api.call('GET', wide[3] ?? '');
    t.true(JSON.stringify(body).includes('"values":["shop","otel-retrofit"]'));
    t.is(await leave(), 0);
    t.deepEqual(await left(theirs), []);
  },
);

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
    await theirs.create(path, object);
    const by = writes(theirs).length;
    const { ended, text } = demo(t, theirs);
    t.is(await ended, 1);
    t.true(text().includes(`  ${words}\n`), text());
    t.true(text().includes('has created nothing there'));
    const news = writes(theirs).slice(by);
    t.deepEqual(
      news.filter((one) => /shop|otel-retrofit|opentelemetry/.test(one)),
      [],
    );
  });
}

test.serial('who leaves early leaves nothing', async (t) => {
  const theirs = await aCluster(t);
  const { says, leave } = demo(t, theirs);
  await says('This is created in');
  t.is(await leave(), 0);
  t.deepEqual(await left(theirs), []);
});

test.serial('a context that is not there is said to be missing', async (t) => {
  const theirs = await aCluster(t);
  let text = '';
  const paper = { write: (part: string) => (text += part), isTerminal: false, columns: () => 100 };
  const destination = { context: 'nowhere', kubeconfig: theirs.kubeconfig, mayRestart: false };
  t.is(await travel(paper, destination, new AbortController().signal), 1);
  t.regex(text, /the context names no cluster/);
});

import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { startSandbox, type Sandbox } from '../../sandbox/start.ts';
import { createClient } from '../cluster/plane/client.ts';
import { openKeeper, type Keeper } from '../cluster/plane/programs.ts';
import { hurried } from '../cluster/webhook/hurried.ts';
import { start, untilReady, type Product } from '../cluster/webhook/program.ts';
import {
  oneIsTouchedAndTheRestIsNot,
  resumingMendsTheOthers,
  undoingClosesNothing,
} from './in-vain.ts';
import { aGapIsClosed, whatIsTakenBackIsLeft } from './gap.ts';
import { anOldWorkloadGetsItsAgent, oldWorkloads } from './old-workload.ts';
import { theOwnersDeployWins } from './owner-first.ts';
import { aChangeOfSettingsIsTold } from './settings-change.ts';
import { call, eventually, type Ground } from './support/ground.ts';
import { runPods, type Runner } from './support/runner.ts';
import { crashingIn, hideFromWebhook } from './support/world.ts';
import { itIsLeftAlone, itIsToldOnceAndCounted, untouched } from './untouched.ts';

const root = join(import.meta.dirname, '../..');
const useless = ['useless-1', 'useless-2', 'useless-3'];
const crashing = ['crash-1', 'crash-2', 'crash-3'];

let sandbox: Sandbox;
let ground: Ground;
let keeper: Keeper;
let runner: Runner;
let product: Product;

/** So long after a deploy its owner counts as quiet. */
const quietMs = 125_000;
let ahead = 0;
const clock = () => Date.now() + ahead;

const readDocuments = async (path: string): Promise<readonly { readonly kind: string }[]> =>
  [...parseAllDocuments(await readFile(join(root, path), 'utf8'))].map(
    (document) => document.toJS() as { readonly kind: string },
  );

async function furnish(): Promise<void> {
  const apis = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const definition = await readFile(join(root, 'crds/instrumentations.yaml'), 'utf8');
  await call(ground, 'POST', apis, parse(definition) as object);
  await eventually('Instrumentations are served', async () => {
    const path = '/apis/opentelemetry.io/v1alpha1/instrumentations';
    return (await ground.adminClient.call('GET', path)).code === 200;
  });
  await ground.createNamespace('otel-retrofit');
  for (const name of ['node', 'other'])
    await call(ground, 'POST', '/api/v1/nodes', { metadata: { name } });
}

/** No Service leads anywhere here: the webhook is called at the port where it listens. */
async function register(port: number): Promise<void> {
  const registered = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  const documents = await readDocuments('config/base/admission.yaml');
  const found = documents.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
  const { webhooks = [] } = found as unknown as { readonly webhooks?: readonly object[] };
  const changed = webhooks.map((webhook) => ({
    ...webhook,
    clientConfig: { url: `https://localhost:${port}/mutate-pod` },
  }));
  await call(ground, 'POST', registered, { ...found, webhooks: changed });
}

async function redirect(port: number): Promise<void> {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/otel-retrofit';
  const value = `https://localhost:${port}/mutate-pod`;
  const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value }];
  const type = 'application/json-patch+json';
  const { code } = await ground.adminClient.call('PATCH', path, patch, { type });
  if (code !== 200) throw new Error(`the webhook cannot be registered: ${code}`);
}

/** To the API server it is the same whether the webhook is gone or nobody finds it. */
const doorman = {
  leave: () => redirect(1),
  comeBack: () => redirect(product.webhookPort),
};

test.before(async () => {
  sandbox = await startSandbox({ clock });
  const adminClient = createClient(sandbox);
  ground = {
    adminClient,
    createNamespace: async (name) => {
      await call({ adminClient }, 'POST', '/api/v1/namespaces', { metadata: { name } });
    },
    age: (createdAt) => {
      ahead += Math.max(0, Date.parse(createdAt) + quietMs - clock());
    },
  };
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-loop-'));
  keeper = openKeeper(directory);
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig);
  await furnish();
  await register(1);
  runner = runPods(ground, crashingIn('crash-'), clock);
  const settings = { ...hurried, role: 'all', kubeconfig };
  product = await untilReady(start({ keeper, directory, name: 'retrofit', settings }));
  await redirect(product.webhookPort);
  await hideFromWebhook(ground, useless);
});

test.after.always(async () => {
  await runner?.stop();
  await keeper?.end();
  await ground?.adminClient.close();
  await sandbox?.stop();
});

test.serial('a gap is closed, and a later one is a new gap', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'gap', name: 'cart' } as const;
  await aGapIsClosed(t, ground, { spot, webhook: doorman });
});

test.serial(
  'what somebody takes back while the webhook is away is not written again',
  async (t) => {
    const spot = { kind: 'Deployment', namespace: 'undone', name: 'cart' } as const;
    await whatIsTakenBackIsLeft(t, ground, { spot, webhook: doorman });
  },
);

for (const [title, old] of oldWorkloads) {
  test(`an old workload gets its agent: ${title}`, async (t) => {
    await anOldWorkloadGetsItsAgent(t, ground, old);
  });
}

for (const [index, [title, one]] of Object.entries(untouched).entries()) {
  test(`nothing is done, and a person is told why: ${title}`, async (t) => {
    await itIsLeftAlone(t, ground, `untouched-${index}`, one);
  });
}

test('what happens again is one Event that counts', async (t) => {
  await itIsToldOnceAndCounted(t, ground, 'counted');
});

test('a change of settings is told and restarts nothing, until somebody asks for that', async (t) => {
  await aChangeOfSettingsIsTold(t, ground, 'changed');
});

test('where the webhook is not called one workload is touched, and the rest once a person says so', async (t) => {
  const harm = { namespaces: useless, library: 'useless', reason: 'RestartDidNotHelp' } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, ground, harm);
  await resumingMendsTheOthers(t, ground, harm, spots);
});

test('an agent that crashes takes one workload down, and no other, also after its owner undoes it', async (t) => {
  const harm = { namespaces: crashing, library: 'crash-library', reason: 'RestartFailed' } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, ground, harm);
  await undoingClosesNothing(t, ground, harm, spots);
});

test('what an owner deploys during our restart is what runs in the end', async (t) => {
  await theOwnersDeployWins(t, ground, 'owned');
});

test.after('no round has ended in a mistake of ours', async (t) => {
  t.regex(await product.metrics(), /^retrofit_round_failures_total 0$/m);
});

test.after('what was done is counted', async (t) => {
  const metrics = await product.metrics();
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'])
    t.regex(
      metrics,
      new RegExp(`^retrofit_restart_outcomes_total{kind="${kind}",outcome="succeeded"} [1-9]`, 'm'),
    );
  t.regex(metrics, /^retrofit_restarts_total{kind="DaemonSet",cause="\w+"} 1$/m);
  t.regex(metrics, /^retrofit_leader 1$/m);
  t.regex(metrics, /^retrofit_probe_success 1$/m);
  t.regex(metrics, /^retrofit_pods{namespace="old-daemon",state="current"} 2$/m);
});

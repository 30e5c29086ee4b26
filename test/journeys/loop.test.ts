import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { startSandbox, type Sandbox } from '../../sandbox/start.ts';
import { createClient } from '../cluster/plane/client.ts';
import { openKeeper, type Keeper } from '../cluster/plane/programs.ts';
import { hurried } from '../cluster/webhook/hurried.ts';
import { start, untilReady, type Product, type Settings } from '../cluster/webhook/program.ts';
import {
  allOfItIsCounted,
  followEverywhere,
  settings as ours,
  useless,
} from './loop/everywhere.ts';
import {
  aGapIsClosed,
  spentAttemptsAreGivenBack,
  whatIsTakenBackIsLeft,
  whoeverForgetsUsIsLeft,
} from './loop/gap.ts';
import {
  aFailedRestartIsTriedAgain,
  aNewLeaderLeavesTheRest,
  newSettingsMendAll,
  oneIsTouchedAndTheRestIsNot,
  undoingClosesNothing,
  whatCrashesCanRunWithoutTheAgent,
} from './loop/in-vain.ts';
import { aCoveredClusterIsLeftInPeace } from './loop/silence.ts';
import { twoThatActAtOnceRestartEachOnce } from './loop/two-leaders.ts';
import { ourUpgradeRestartsNothing } from './loop/upgrade.ts';
import { call, eventually, type Ground } from './support/ground.ts';
import { runPods, type Made, type Runner } from './support/runner.ts';
import { crashingIn, hideFromWebhook } from './support/world.ts';

const root = join(import.meta.dirname, '../..');
const crashing = ['crash-1', 'crash-2', 'crash-3'];
const healed = new Set<string>();
const isHealed = (pod: Made) => healed.has(pod.metadata.namespace ?? '');

let sandbox: Sandbox;
let ground: Ground;
let directory: string;
let keeper: Keeper;
let runner: Runner;
let product: Product;

let launched = 0;

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

const launch = (settings: Settings = {}): Promise<Product> => {
  const kubeconfig = join(directory, 'kubeconfig');
  return untilReady(
    start({
      keeper,
      directory,
      name: `retrofit-${(launched += 1)}`,
      settings: { ...hurried, ...ours, role: 'all', kubeconfig, ...settings },
    }),
  );
};

async function serve(settings: Settings = {}): Promise<void> {
  product = await launch(settings);
  await redirect(product.webhookPort);
}

const metrics = () => product.metrics();

async function figure(name: string, of: Product = product): Promise<number> {
  const found = new RegExp(`^${name}(?:{.*})? (.*)$`, 'gm');
  const values = [...(await of.metrics()).matchAll(found)].map(([, value]) => Number(value));
  return values.reduce((sum, value) => sum + value, 0);
}

/** What we write of ourselves: not who leads, nor what is only tried. */
const writes = () =>
  sandbox
    .requests()
    .filter(({ method, userAgent }) => method !== 'GET' && userAgent.startsWith('otel-retrofit/'))
    .map(({ method, path, code }) => `${method} ${path} ${code}`)
    .filter((line) => !/\/leases\/|\bdryRun=All\b/.test(line));

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
  };
  directory = await mkdtemp(join(tmpdir(), 'retrofit-loop-'));
  keeper = openKeeper(directory);
  await writeFile(join(directory, 'kubeconfig'), sandbox.kubeconfig);
  await furnish();
  await register(1);
  const fateOf = crashingIn('crash-');
  runner = runPods(ground, (pod) => (isHealed(pod) ? 'works' : fateOf(pod)), clock);
  await serve();
  await hideFromWebhook(ground, useless);
});

test.after.always(async () => {
  await runner?.stop();
  await keeper?.end();
  await ground?.adminClient.close();
  await sandbox?.stop();
});

/** As long as what a journey waits for may take, so that its own words are heard if it does not come. */
test.beforeEach((t) => t.timeout(300_000));

/** The webhook is there all the while: else there were something to tell. */
const succeedInPeace = async () => {
  const predecessor = product;
  await serve();
  await predecessor.stop(20_000);
};

test.serial(
  'a covered cluster is left in peace, for ten minutes and by a new leader',
  async (t) => {
    await aCoveredClusterIsLeftInPeace(t, ground, {
      namespace: 'quiet',
      leap: (seconds) => (ahead += seconds * 1_000),
      rounds: () => figure('retrofit_round_duration_seconds_count'),
      writes,
      succeed: succeedInPeace,
    });
  },
);

test.serial('an upgrade of ours with other default images restarts nothing', async (t) => {
  const image = 'shop.example/agents/java:99';
  const carryOut = async () => {
    await product.stop(20_000);
    await serve({ 'image-java': image });
  };
  await ourUpgradeRestartsNothing(t, ground, { namespace: 'upgraded', image, carryOut, metrics });
});

test.serial(
  'a gap is closed, a later one is a new gap, and a third waits for a person',
  async (t) => {
    const spot = { kind: 'Deployment', namespace: 'gap', name: 'cart' } as const;
    await aGapIsClosed(t, ground, { spot, webhook: doorman });
    await spentAttemptsAreGivenBack(t, ground, { spot, webhook: doorman });
  },
);

test.serial('what somebody takes back is not written again, until a person says so', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'undone', name: 'cart' } as const;
  await whatIsTakenBackIsLeft(t, ground, { spot, webhook: doorman });
});

test.serial('a tool that drops our annotation is not written against', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'forgotten', name: 'cart' } as const;
  await whoeverForgetsUsIsLeft(t, ground, { spot, webhook: doorman });
});

const succeed = async () => {
  await product.kill();
  await serve();
  return product;
};

for (const isBlind of [false, true]) {
  const probes = isBlind ? 'without' : 'with';
  test.serial(
    `an agent that crashes takes one workload down, ${probes} a readiness probe`,
    async (t) => {
      const harm = {
        namespaces: crashing.map((name) => `${name}-${probes}`),
        library: `crash-library-${probes}`,
        reason: 'RestartFailed',
        isBlind,
      } as const;
      const spots = await oneIsTouchedAndTheRestIsNot(t, ground, harm);
      await undoingClosesNothing(t, ground, harm, spots);
      if (isBlind) await aNewLeaderLeavesTheRest(t, ground, { ...harm, succeed }, spots);
      await newSettingsMendAll(ground, harm, spots);
    },
  );
}

const joinUnasked = async () => {
  const second = await launch({ role: 'controller', 'lease-name': 'another' });
  await eventually('it leads too', () => second.lines().some(({ msg }) => msg === 'leading'));
  const restarts = () => figure('retrofit_restarts_total', second);
  return { restarts, leave: () => second.stop(20_000) };
};

test.serial('two controllers that act at once restart each workload once', async (t) => {
  await twoThatActAtOnceRestartEachOnce(t, ground, { namespace: 'doubled', join: joinUnasked });
});

const scene = { ground: () => ground, metrics };

followEverywhere(test, scene);

test('a restart that failed is tried again by the command that is printed', async (t) => {
  const namespace = 'crash-again';
  await aFailedRestartIsTriedAgain(t, ground, { namespace, heal: () => healed.add(namespace) });
});

test('what an agent takes down runs without it by the command that is printed', async (t) => {
  await whatCrashesCanRunWithoutTheAgent(t, ground, 'crash-without');
});

test.after('no round has ended in a mistake of ours, and all is counted', async (t) => {
  await allOfItIsCounted(t, scene);
});

import anyTest, { type TestFn } from 'ava';
import { startKubelet, type Kubelet } from '../../../sandbox/kubelet/kubelet.ts';
import { isReader, staged } from '../commands.ts';
import { guides, isAsSaid, stepsOf, type Block, type Page, type Step } from '../pages.ts';
import { openWorkshop, type Workshop } from '../workshop.ts';
import { findSource } from '../../cluster/binaries.ts';
import { keepingAll, type Cluster } from '../../cluster/cluster.ts';
import { openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { startCluster } from '../../cluster/start.ts';
import { until } from '../../cluster/until.ts';
import { hurried } from '../../cluster/webhook/hurried.ts';
import * as installed from '../../cluster/webhook/installation.ts';
import { instrumentationsPath } from '../../cluster/webhook/stage.ts';
import {
  command as retrofit,
  start,
  untilReady,
  type Product,
} from '../../cluster/webhook/program.ts';

/** Pods need controllers, and the API server must reach what runs on this machine. */
const source = await findSource(process.env);
const isFit = source.kind === 'programs' && source.controllerManager !== undefined;
const test = (isFit ? anyTest.serial : anyTest.serial.skip) as TestFn;

let cluster: Cluster;
let keeper: Keeper;
let kubelet: Kubelet;

anyTest.before(async () => {
  if (!isFit) return;
  cluster = await startCluster();
  keeper = openKeeper(cluster.directory);
  kubelet = await startKubelet({ api: cluster.adminClient, mode: 'scripted' });
  await installed.install(cluster);
  const webhook = await launch('webhook');
  await installed.redirect(cluster, webhook.webhookPort);
  await launch('controller');
  await openShop();
});

anyTest.after.always(async () => {
  await keeper?.end();
  await kubelet?.stop();
  await cluster?.stop();
});

async function launch(role: 'webhook' | 'controller'): Promise<Product> {
  const { directory } = cluster;
  const token = await cluster.serviceAccountToken(installed.namespace, `otel-retrofit-${role}`);
  const { kubeconfig } = await cluster.signIn({ token });
  const settings = { ...hurried, 'owner-quiet-seconds': 1, role, kubeconfig };
  return untilReady(start({ keeper, directory, name: role, settings }));
}

/** What the pages that are no story of their own speak of: the shop of the demonstration, covered. */
async function openShop(): Promise<void> {
  for (const file of ['cli/demo/shop/shop.yaml', 'cli/demo/shop/instrumentation.yaml']) {
    const { code, stderr } = await cluster.kubectl(['apply', '--filename', file]);
    if (code !== 0) throw new Error(stderr);
  }
  await until(isCovered, { what: 'the shop is covered' });
}

async function isCovered(): Promise<boolean> {
  const path = `${instrumentationsPath('shop')}/agents`;
  const { body } = await cluster.adminClient.call<Instrumentation>('GET', path);
  return body.status?.conditions?.some(isTrulyCovered) === true;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

interface Instrumentation {
  readonly status?: { readonly conditions?: readonly Condition[] };
}

const isTrulyCovered = ({ type, status }: Condition) => type === 'Covered' && status === 'True';

/** Where a page leaves a name open, a person fills in theirs. */
const fill = (command: string, pod: string): string =>
  command
    .replaceAll(/(instrumentation|otelinst) <name>/g, '$1 agents')
    .replaceAll('<namespace>', 'shop')
    .replaceAll(/<(?:name|workload)>/g, 'cart')
    .replaceAll('<kind>', 'deployment')
    .replaceAll('<pod>', pod)
    .replaceAll(/<(?:number|since)>/g, '1');

/** The rest begins with a cluster that has nothing of ours, and is followed in the suite of the installation. */
const chapters: Readonly<Record<string, readonly string[]>> = {
  'docs/guides/install.md': ['See that it works'],
};

const isHere = ({ page, chapter }: Block) => chapters[page]?.includes(chapter) ?? true;

/** Nothing can follow it. */
const isTheEnd = ({ path }: Page) => path === 'docs/guides/uninstall.md';

const all = guides().map((page) => ({ ...page, blocks: page.blocks.filter(isHere) }));

for (const page of [...all.filter((one) => !isTheEnd(one)), ...all.filter(isTheEnd)]) {
  const steps = staged(stepsOf(page));
  if (!steps.some(({ stage }) => stage === 'cluster')) continue;
  test(`the commands of ${page.path} do in a cluster what it says`, async (t) => {
    const { kubeconfig, directory: kubectlCache } = cluster;
    const kubectl =
      source.kind === 'missing' ? undefined : `env GOGC=${keepingAll.GOGC} ${source.kubectl}`;
    const workshop = openWorkshop({ kubectl, kubeconfig, kubectlCache, retrofit });
    t.teardown(workshop.close);
    const pod = await somePod();
    for (const { step, stage } of steps) {
      if (step.kind === 'file') workshop.write(step.name, step.text);
      else if (stage === 'cluster') {
        await follow({ ...step, command: fill(step.command, pod) }, workshop);
      }
    }
    await letGo();
    t.pass();
  });
}

const installable = [
  'namespaces,clusterroles,clusterrolebindings,customresourcedefinitions',
  'mutatingwebhookconfigurations,validatingwebhookconfigurations',
  'validatingadmissionpolicies,validatingadmissionpolicybindings',
].join(',');

test('after that nothing is left but what the guide says: marks on pods and templates', async (t) => {
  const { stdout } = await cluster.kubectl(['get', installable, '--output=name']);
  const left = stdout.split('\n').filter((name) => /retrofit|opentelemetry/.test(name));
  t.deepEqual(left, []);
  const path = '{.spec.template.metadata.annotations}';
  const asked = ['--namespace=shop', 'get', 'deployment', 'web', `--output=jsonpath=${path}`];
  const marks = Object.keys(JSON.parse((await cluster.kubectl(asked)).stdout) as object);
  t.true(marks.includes('otel-retrofit.dev/restart'));
});

/** A page may have stopped every restart: the next one begins as this one did. */
async function letGo(): Promise<void> {
  const words = ['annotate', 'namespace', installed.namespace, 'otel-retrofit.dev/remediation-'];
  await cluster.kubectl(words);
}

/** No node of these tests keeps a log: whoever gets as far as to it has asked rightly. */
const noLog = /containerLogs|previous terminated container|dial tcp/;

async function follow(step: Step, workshop: Workshop): Promise<void> {
  const { place, command, expected } = step;
  const attempt = async () => {
    const { code, printed } = await workshop.run(command);
    const isDone = code === 0 || noLog.test(printed) || (code === 1 && isAnswer(command));
    if (isDone && (expected.length === 0 || isAsSaid(printed, expected))) return true;
    throw new Error(`exit ${code}\n${printed}`);
  };
  const what = `${place}: ${command}`;
  if (isReader(step)) await until(attempt, { what, pauseMs: 500 });
  else await attempt().catch((error: Error) => Promise.reject(new Error(what, { cause: error })));
}

/** With 1 our commands, and grep, say something of what they have seen. */
const isAnswer = (command: string) => /^(?:npx )?retrofit |\| grep /.test(command);

async function somePod(): Promise<string> {
  const asked = ['--namespace=shop', 'get', 'pods', '--output=jsonpath={.items[0].metadata.name}'];
  return (await cluster.kubectl(asked)).stdout;
}

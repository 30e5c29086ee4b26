import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startSandbox } from '../../../sandbox/start.ts';
import { tellTheStory, withKubelet, type Stage } from '../../conformance/calls/actors.ts';
import { openWorkshop } from '../../docs/workshop.ts';
import { findSource } from '../binaries.ts';
import { keepingAll, type Printed } from '../cluster.ts';
import { startCluster } from '../start.ts';
import { until } from '../until.ts';

const token = 'story';

/** kubectl as somebody has it who knows of nothing but this server. */
async function kubectlFor(t: ExecutionContext, kubeconfig: string): Promise<Stage['kubectl']> {
  const source = await findSource(process.env);
  if (source.kind === 'missing') throw new Error(source.remedy);
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-kubectl-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const kubernetes = { KUBECONFIG: kubeconfig, KUBECACHEDIR: directory, KUBERC: 'off' };
  const env = { ...process.env, ...kubernetes, ...keepingAll };
  return (args, stdin = '') =>
    new Promise<Printed>((resolve, reject) => {
      const child = execFile(source.kubectl, args, { env }, (error, stdout, stderr) => {
        if (typeof error?.code === 'string') reject(error);
        else resolve({ code: error?.code ?? 0, stdout, stderr });
      });
      child.stdin?.on('error', () => {}); // kubectl may end without reading it
      child.stdin?.end(stdin);
    });
}

test('kubectl tells the story of the demonstration on the sandbox', async (t) => {
  const sandbox = await startSandbox();
  t.teardown(() => sandbox.stop());
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-sandbox-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig);
  const stage = { ...sandbox, kubeconfig, kubectl: await kubectlFor(t, kubeconfig) };
  await withKubelet(stage, () => tellTheStory(stage));
  const refused = sandbox.requests().filter(({ code }) => code >= 400 && code !== 404);
  t.deepEqual(refused, []);
});

test('kubectl tells the same story on a real control plane', async (t) => {
  const cluster = await startCluster({
    tokens: [{ token, user: 'story', groups: ['system:masters'] }],
  });
  t.teardown(() => cluster.stop());
  const kubectl = await kubectlFor(t, cluster.kubeconfig);
  const stage = { ...cluster, token, kubectl };
  await withKubelet(stage, () => tellTheStory(stage));
  t.pass();
});

const demo = join(import.meta.dirname, '../../../cli/demo/main.ts');
const timeoutMs = 120_000;

test('what the demo gives people to type does what it says, as it is typed', async (t) => {
  t.timeout(300_000);
  const source = await findSource(process.env);
  if (source.kind === 'missing') throw new Error(source.remedy);
  const workshop = openWorkshop({ kubectl: `env GOGC=${keepingAll.GOGC} ${source.kubectl}` });
  t.teardown(workshop.close);
  const child = spawn(process.execPath, [demo], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await until(() => text.includes('Ctrl-C ends it'), { what: 'the story is told', timeoutMs });

  const commands = [...text.matchAll(/^ {4}((?:kubectl|npx) .*)$/gm)].map(([, one = '']) => one);
  t.is(commands.length, 5);
  const [hide = '', scale = '', ask = '', heal = '', leave = ''] = commands;
  const type = async (command: string) => {
    const { code, printed } = await workshop.run(command);
    t.is(code, 0, `${command}\n${printed}`);
    return printed;
  };
  const kubeconfig = /export KUBECONFIG=(\S+)/.exec(text)?.[1] ?? '';
  const pods = () =>
    type(
      `kubectl --kubeconfig ${kubeconfig} -n shop get instrumentation agents -o jsonpath={.status.pods}`,
    );
  const untilPods = (wanted: RegExp) =>
    until(async () => wanted.test(await pods()), { what: `pods are ${wanted}`, timeoutMs });

  await type(hide);
  await type(scale);
  await untilPods(/"missing":1/);
  const { printed } = await workshop.run(ask);
  t.regex(printed, /^error PodsExcluded/m);
  await type(heal);
  await untilPods(/"current":6,.*"missing":0/);
  t.regex(await type(leave), /annotated/);

  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
});

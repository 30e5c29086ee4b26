import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startSandbox } from '../../../sandbox/start.ts';
import { tellTheStory, withKubelet, type Stage } from '../../conformance/calls/actors.ts';
import { findSource } from '../binaries.ts';
import { keepingAll, type Printed } from '../cluster.ts';
import { startCluster } from '../start.ts';

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

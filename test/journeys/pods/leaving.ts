import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { until } from '../../cluster/until.ts';
import { processesWith } from '../stage/left.ts';
import type { Plane } from '../stage/plane.ts';
import { isReady, serverTemplate, setStage, type Stage } from '../stage/stage.ts';
import { ask } from '../stage/traffic.ts';

/** A Deployment whose processes bear a mark; once they are ready, where they listen. */
async function deploy(plane: Plane, namespace: string, mark: string): Promise<void> {
  await plane.createNamespace(namespace);
  const template = serverTemplate('marked', mark);
  const spec = { replicas: 2, selector: { matchLabels: template.metadata.labels }, template };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const { code } = await plane.api.call('POST', path, { metadata: { name: 'marked' }, spec });
  if (code !== 201) throw new Error(`POST ${path}: ${code}`);
}

async function addressesIn(stage: Stage, namespace: string): Promise<readonly string[]> {
  const pods = await until(
    async () => {
      const found = await stage.podsIn(namespace);
      return found.length === 2 && found.every(isReady) && found;
    },
    { what: 'the marked pods are ready' },
  );
  return pods.map(({ metadata }) => String(stage.addressOf(metadata)));
}

/** A node that is stopped in good order leaves no process, port or file, whatever it runs. */
export async function stopLeavesNothing(t: ExecutionContext, plane: Plane): Promise<void> {
  const mark = `stopped-${process.pid}`;
  const stage = await setStage(plane);
  await deploy(plane, 'stopped', mark);
  const addresses = await addressesIn(stage, 'stopped');
  t.not(processesWith(mark).length, 0);
  await stage.leave();
  t.deepEqual(processesWith(mark), []);
  t.deepEqual(await Promise.all(addresses.map((address) => serves(address, mark))), [false, false]);
  await plane.api.call('DELETE', '/api/v1/namespaces/stopped');
}

/** Neither does one whose process is killed. */
export async function killLeavesNothing(t: ExecutionContext, plane: Plane): Promise<void> {
  const mark = `killed-${process.pid}`;
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-killed-'));
  const program = join(import.meta.dirname, '../stage/node-program.ts');
  const child = spawn(process.execPath, [program, plane.kubeconfig, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await deploy(plane, 'killed', mark);
  const answers = createAddresses(child.stdout);
  const addresses = await until(() => answers.length === 2 && answers, {
    what: 'both of its pods are ready',
  });
  t.not(processesWith(mark).length, 0);
  t.deepEqual(await Promise.all(addresses.map((address) => serves(address, mark))), [true, true]);
  child.kill('SIGKILL');
  await exit;
  await until(() => processesWith(mark).length === 0, { what: 'its processes are gone' });
  await until(async () => (await readdir(join(directory, 'pods'))).length === 0, {
    what: 'its files are gone',
  });
  t.deepEqual(await Promise.all(addresses.map((address) => serves(address, mark))), [false, false]);
  await rm(directory, { recursive: true });
}

/** Whether the marked server is there: whoever is next may be given the same port at once. */
async function serves(address: string, mark: string): Promise<boolean> {
  try {
    return (await ask(address)).version === mark;
  } catch {
    return false;
  }
}

/** One line for each address. */
function createAddresses(output: NodeJS.ReadableStream): readonly string[] {
  const lines: string[] = [];
  output.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
  return lines;
}

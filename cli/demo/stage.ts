import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { images as agentImages } from '../../config/images.ts';
import type { Api } from '../../sandbox/api.ts';
import { startKubelet, type Kubelet, type KubeletOptions } from '../../sandbox/kubelet/kubelet.ts';
import { startSandbox, type Sandbox } from '../../sandbox/start.ts';
import { startReceiver, type Receiver } from './otlp/receiver.ts';

/** A cluster, a node, and an end for the telemetry: all that the story needs beside its actors. */
export interface Stage {
  readonly api: Api;
  readonly server: string;
  /** The path of a file. */
  readonly kubeconfig: string;
  readonly receiver: Receiver;
  readonly kubelet: Kubelet;
  /** Whether the node can run the service in Python. */
  readonly hasPython: boolean;
  /** Where nobody listens yet. */
  readonly webhookPort: number;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../..');

/** Everything lies on the loopback and in one temporary folder, and goes when it stops. */
export async function setStage(python: KubeletOptions['images']): Promise<Stage> {
  // Whoever sweeps it is there before it is: we may be killed at any moment.
  const directory = join(tmpdir(), `retrofit-demo-${randomUUID()}`);
  const open = [sweeperOf(directory)];
  const stop = async () => {
    for (const one of open.toReversed()) await one.stop();
  };
  const opened = async <T extends Stoppable>(starting: Promise<T>) => {
    const one = await starting;
    open.push(one);
    return one;
  };
  try {
    await mkdir(directory, { mode: 0o700 });
    const receiver = await opened(startReceiver());
    const sandbox: Sandbox = await opened(startSandbox());
    const images = { ...shopImages, ...(await agentImage(directory)), ...python };
    const kubelet = await opened(startKubelet({ api: sandbox.api, images, directory }));
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, sandbox.kubeconfig);
    const { api, server } = sandbox;
    const webhookPort = await freePort();
    const hasPython = python !== undefined;
    return { api, server, kubeconfig, receiver, kubelet, hasPython, webhookPort, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Stoppable {
  stop(): Promise<unknown>;
}

/** Removes the folder when it is told to, and also when we die before: its input ends with us. */
function sweeperOf(directory: string): Stoppable {
  const script =
    'read -r line; for look in 1 2 3 4 5 6 7 8 9; do rm -rf "$1" && break; sleep 0.2; done';
  const shell = spawn('/bin/sh', ['-c', script, 'sweeper', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = once(shell, 'exit');
  return {
    async stop() {
      shell.stdin.end();
      await ended;
    },
  };
}

const shop = join(import.meta.dirname, 'shop');

const shopImages = Object.fromEntries(
  ['web', 'cart', 'stock'].map((name) => [
    `shop/${name}`,
    { directory: shop, command: [process.execPath, `/${name}.cjs`] },
  ]),
);

/** What the agent's image holds, except that the packages stay where npm has put them. */
export async function agentImage(directory: string) {
  const register = createRequire(join(root, 'package.json')).resolve(
    '@opentelemetry/auto-instrumentations-node/register',
  );
  const entry = join(directory, 'agent/autoinstrumentation/autoinstrumentation.js');
  await mkdir(dirname(entry), { recursive: true });
  await writeFile(entry, `require(${JSON.stringify(register)});\n`);
  // A package above the temporary folder must not say what kind of module it is.
  await writeFile(join(dirname(entry), 'package.json'), '{ "type": "commonjs" }');
  return { [agentImages.nodejs]: { directory: join(directory, 'agent'), command: ['sh'] } };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, type Access, type Client } from '../test/cluster/plane/client.ts';
import { deploymentOf, podsPerWorkload } from './sandbox/deployment.ts';
import { end, memoryOf, spentMs, start } from './webhook/programs.ts';

/*
 * What the embedded control plane costs at a size it is meant for: how long until all workloads are
 * complete, how much memory it holds then, and how late a change is heard of by a client that
 * watches. Beside it stands a bare server that keeps the same objects and tells of the same changes.
 */

const workloads = Number(process.env['WORKLOADS'] ?? 5_000);
const changes = 1_000;
const atOnce = 16;
const limitMs = 600_000;
const aims = { seconds: 60, mb: 1_000, eventMs: 5 } as const;

interface Seen {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly nowMb: number;
  readonly mostMb: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

const floor = await measure('floor.ts', () => Promise.resolve());
const seen = await measure('plane.ts', awaitComplete);
console.table({
  [`${workloads} workloads, ${workloads * podsPerWorkload} pods`]: rowOf(seen, aims),
  'floor: a bare server': rowOf(floor),
});
console.log(
  `Memory and CPU are the server's. An event is late from the moment its change is sent, ${changes} changes one by one.`,
);

async function measure(program: string, ready: (client: Client) => Promise<void>): Promise<Seen> {
  const child = start([join(import.meta.dirname, 'sandbox', program)], 0);
  try {
    const client = createClient(await accessOf(child));
    const startedAt = performance.now();
    const complete = ready(client);
    await fill(client);
    await complete;
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpuSeconds = spentMs(child) / 1_000;
    const late = (await lateness(client)).toSorted((one, other) => one - other);
    const rank = (share: number) => late[Math.floor(late.length * share)] ?? Number.NaN;
    const times = { seconds, cpuSeconds, medianMs: rank(0.5), p99Ms: rank(0.99) };
    await client.close();
    return { ...times, ...memoryOf(child) };
  } finally {
    await end(child);
  }
}

async function accessOf(child: ChildProcess): Promise<Access> {
  if (child.stdout === null) throw new Error('The server has no output.');
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The server ended with ${code}.`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), died]);
  return JSON.parse(line as string) as Access;
}

async function fill(client: Client): Promise<void> {
  const deployments = Array.from({ length: workloads }, (_, index) => deploymentOf(index));
  const namespaces = new Set(deployments.map(({ metadata }) => metadata.namespace));
  await inTurns([...namespaces], (name) =>
    create(client, '/api/v1/namespaces', { metadata: { name } }),
  );
  await inTurns(deployments, (deployment) =>
    create(
      client,
      `/apis/apps/v1/namespaces/${deployment.metadata.namespace}/deployments`,
      deployment,
    ),
  );
}

async function create(client: Client, path: string, body: object): Promise<void> {
  const { code, body: answer } = await client.call('POST', path, body);
  if (code !== 201) throw new Error(`${path}: ${code} ${answer.message}`);
}

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const worker = async () => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Watched {
  readonly metadata: { readonly uid: string; readonly name: string };
  readonly status?: { readonly availableReplicas?: number };
}

/** All pods of all workloads are available. */
async function awaitComplete(client: Client): Promise<void> {
  const complete = new Set<string>();
  const limit = AbortSignal.timeout(limitMs);
  for await (const { object } of client.watch<Watched>('/apis/apps/v1/deployments', limit)) {
    if (object.status?.availableReplicas === podsPerWorkload) complete.add(object.metadata.uid);
    if (complete.size === workloads) return;
  }
}

/** From sending a change of a ConfigMap until its event has arrived, one by one. */
async function lateness(client: Client): Promise<readonly number[]> {
  const path = '/api/v1/namespaces/default/configmaps';
  const over = new AbortController();
  const events = client.watch<Watched>(path, over.signal)[Symbol.asyncIterator]();
  const arrival = async (wanted: string): Promise<void> => {
    const { value } = await events.next();
    if (value?.object.metadata.name !== wanted) await arrival(wanted);
  };
  const late: number[] = [];
  for (let change = 0; change < changes; change++) {
    const name = `change-${change}`;
    const data = { text: 'x'.repeat(2_000) };
    const sentAt = performance.now();
    const created = create(client, path, { metadata: { name }, data });
    await arrival(name);
    late.push(performance.now() - sentAt);
    await created;
  }
  over.abort();
  return late;
}

function rowOf(figures: Seen, wanted?: typeof aims) {
  return {
    'seconds until complete': beside(figures.seconds, wanted?.seconds),
    'CPU, s': figures.cpuSeconds.toFixed(1),
    'RSS, MB': beside(figures.nowMb, wanted?.mb),
    'peak RSS, MB': beside(figures.mostMb, wanted?.mb),
    'event, median ms': beside(figures.medianMs, wanted?.eventMs),
    'event, p99 ms': beside(figures.p99Ms, wanted?.eventMs),
  };
}

function beside(value: number, aim: number | undefined): string {
  return aim === undefined ? value.toFixed(1) : `${value.toFixed(1)} (aim ${aim})`;
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { annotations as keys, marks } from '../../crds/names.ts';
import type { Api, KubeObject } from '../../sandbox/api.ts';
import { kubeconfigOf } from '../../test/cluster/plane/flags.ts';
import { startCluster } from '../../test/cluster/start.ts';
import { deploymentOf, namespaceOf } from '../sandbox/deployment.ts';
import { end, spentMs, start } from '../webhook/programs.ts';
import type { Programs } from './at-rest.ts';
import { install, make, startWebhook } from './installation.ts';
import { agents, instrumentationsIn } from './population.ts';
import { scriptMark } from './script-mark.ts';
import { ask } from './talk.ts';

export interface Mended {
  /** Until the last workload was patched: by the script before and after, and by the controller. */
  readonly scripts: readonly [Sent, Sent];
  readonly controller: Sent;
}

export interface Sent {
  readonly ms: number;
  /** Of whoever sent them. */
  readonly cpuMs: number;
}

const atOnce = 16;
const token = 'bench';
const library = 'library';

interface Place {
  readonly api: Api;
  readonly deployments: number;
}

/** How long a real API server takes to have all workloads patched, for a script and for the loop. */
export async function measureMending(programs: Programs, deployments: number): Promise<Mended> {
  const children: ChildProcess[] = [];
  const cluster = await startCluster({
    tokens: [{ token, user: 'bench', groups: ['system:masters'] }],
  });
  try {
    const api = cluster.adminClient;
    const place = { api, deployments };
    const access = { server: cluster.server, caPem: cluster.caPem, token };
    const file = join(programs.directory, 'access.json');
    const kubeconfig = join(programs.directory, 'cluster.kubeconfig');
    await writeFile(file, JSON.stringify(access));
    await writeFile(kubeconfig, kubeconfigOf(access));
    await install(api);
    await make(api, '/api/v1/namespaces', { metadata: { name: library } });
    const kubelet = start([join(import.meta.dirname, 'kubelet.ts'), file], 0);
    children.push(kubelet);
    await once(kubelet.stdout ?? kubelet, 'data');
    await fill(place);
    await atRest(place);
    const program = programs.retrofit;
    children.push(await startWebhook(api, { program, kubeconfig }, true));
    const script = start([join(import.meta.dirname, 'script.ts'), file], 1);
    children.push(script);

    const before = await byScript(place, script, 'before');
    const flags = ['--max-semi-space-size=8'];
    const controller = start([...flags, programs.controller, kubeconfig, 'fast'], 1);
    children.push(controller);
    const mended = await byController(place, controller);
    await end(controller);
    await atRest(place);
    return { scripts: [before, await byScript(place, script, 'after')], controller: mended };
  } finally {
    await Promise.all(children.map(end));
    await cluster.stop();
  }
}

async function byScript(place: Place, script: ChildProcess, value: string): Promise<Sent> {
  await ask(script, { ask: 'read' });
  const spent = spentMs(script);
  const go = () => ask(script, { ask: 'go', value });
  const ms = await clocked({ ...place, mark: scriptMark, value }, go);
  const cpuMs = spentMs(script) - spent;
  await atRest(place);
  return { ms, cpuMs };
}

async function byController(place: Place, controller: ChildProcess): Promise<Sent> {
  controller.stdout?.resume();
  await ask(controller, { ask: 'ready' });
  await silence(place.api);
  const spent = spentMs(controller);
  const ms = await clocked({ ...place, mark: marks.restart }, () =>
    make(place.api, instrumentationsIn(library), agents),
  );
  return { ms, cpuMs: spentMs(controller) - spent };
}

async function fill({ api, deployments }: Place): Promise<void> {
  const all = Array.from({ length: deployments }, (_, index) => index);
  for (const name of new Set(all.map(namespaceOf)))
    await make(api, '/api/v1/namespaces', { metadata: { name } });
  const left = all.values();
  const lane = async () => {
    for (const index of left) {
      const path = `/apis/apps/v1/namespaces/${namespaceOf(index)}/deployments`;
      await make(api, path, small(index));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** One pod each: what is measured are patches, and their rollouts only get in the way. */
function small(index: number) {
  const { metadata, spec } = deploymentOf(index);
  const { template } = spec;
  const annotations = { [keys.inject('nodejs')]: `${library}/agents` };
  const asking = { ...template, metadata: { ...template.metadata, annotations } };
  return { metadata, spec: { ...spec, replicas: 1, template: asking } };
}

interface Wanted extends Place {
  readonly mark: string;
  readonly value?: string;
}

/** Milliseconds until the last Deployment has the annotation in its template. */
async function clocked(
  { api, deployments, mark, value }: Wanted,
  go: () => Promise<unknown>,
): Promise<number> {
  const marked = new Set<string>();
  const ending = new AbortController();
  const begun = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const { object } of api.watch('/apis/apps/v1/deployments', ending.signal)) {
      begun.resolve();
      const found = annotationsOf(object)[mark];
      if (found === undefined || (value !== undefined && found !== value)) continue;
      marked.add(object.metadata.uid);
      if (marked.size === deployments) return performance.now();
    }
    throw new Error('The watch has ended.');
  })();
  await begun.promise;
  const startedAt = performance.now();
  const [endedAt] = await Promise.all([all, go()]);
  ending.abort();
  return endedAt - startedAt;
}

function annotationsOf({ spec }: KubeObject): Readonly<Record<string, string>> {
  const { template } = (spec ?? {}) as { readonly template?: KubeObject };
  return template?.metadata?.annotations ?? {};
}

interface Counted extends KubeObject {
  readonly status?: { readonly [name: string]: number };
}

/** Every rollout is over, and every controller has said so. */
async function atRest({ api, deployments }: Place): Promise<void> {
  const resting = new Set<string>();
  const ending = new AbortController();
  for await (const { object } of api.watch<Counted>('/apis/apps/v1/deployments', ending.signal)) {
    const { uid, generation } = object.metadata;
    const { replicas, updatedReplicas, availableReplicas, observedGeneration } =
      object.status ?? {};
    const isOver = observedGeneration === generation && updatedReplicas === 1;
    if (isOver && replicas === 1 && availableReplicas === 1) resting.add(uid);
    else resting.delete(uid);
    if (resting.size === deployments) break;
  }
  ending.abort();
  await pause(1_000);
}

interface Events {
  readonly metadata: { readonly remainingItemCount?: number };
}

/** What a new leader has to tell has been told. */
async function silence(api: Api): Promise<void> {
  const path = '/apis/events.k8s.io/v1/events?limit=1';
  const count = async () => (await api.call<Events>('GET', path)).body.metadata.remainingItemCount;
  let before = await count();
  for (let quiet = 0; quiet < 3;) {
    await pause(1_000);
    const now = await count();
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}

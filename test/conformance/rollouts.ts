import {
  apps,
  ask,
  aWorkload,
  core,
  merge,
  must,
  watchUntil,
  type Fact,
  type Plane,
  type Thing,
  type Told,
} from './fact.ts';

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

/** Says of every pod of a namespace that it is ready, as long as something is done. */
async function whileReady(plane: Plane, namespace: string, deed: () => Promise<void>) {
  const stop = new AbortController();
  const pods = core(namespace, 'pods');
  const minding = (async () => {
    for await (const { type, object } of plane.client.watch<Thing>(pods, stop.signal)) {
      if (type === 'DELETED' || object.status?.['conditions'] !== undefined) continue;
      const conditions = ready.conditions.map((one) => ({ ...one, lastTransitionTime: now() }));
      const status = { ...ready, conditions };
      await ask(plane, 'PATCH', `${pods}/${object.metadata.name}/status`, { status }, merge);
    }
  })().catch(() => undefined);
  try {
    await deed();
  } finally {
    stop.abort();
    await minding;
  }
}

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly numberAvailable?: number;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly conditions?: readonly {
    type: string;
    status: string;
    reason: string;
    lastUpdateTime?: string;
  }[];
}

export const statusOf = ({ status = {} }: Thing) => status as Status;
export const reasonOf = (workload: Thing, type: string) =>
  statusOf(workload).conditions?.find((one) => one.type === type)?.reason;
/** When it last told how it gets on. */
export const saidAt = (deployment: Thing) =>
  Date.parse(
    statusOf(deployment).conditions?.find(({ type }) => type === 'Progressing')?.lastUpdateTime ??
      '',
  );
export const revisionOf = ({ metadata }: Thing) =>
  metadata.annotations?.['deployment.kubernetes.io/revision'];

export const desiredOf = ({ spec }: Thing) => Number(spec?.['replicas']);

const isComplete = (deployment: Thing) => {
  const {
    observedGeneration = 0,
    updatedReplicas,
    availableReplicas,
    replicas,
  } = statusOf(deployment);
  const desired = desiredOf(deployment);
  return (
    observedGeneration >= (deployment.metadata.generation ?? 0) &&
    [updatedReplicas, availableReplicas, replicas].every((count) => count === desired)
  );
};

const isRolledOut = ({ object }: Told) =>
  isComplete(object) && reasonOf(object, 'Progressing') === 'NewReplicaSetAvailable';

/** All that a watch tells of it from a version until it is complete. */
export const untilComplete = (plane: Plane, path: string, from: string) => {
  const [all, name] = [path.slice(0, path.lastIndexOf('/')), path.split('/').at(-1)];
  const query = `fieldSelector=metadata.name=${name}&resourceVersion=${from}`;
  return watchUntil(plane, `${all}?${query}`, isRolledOut);
};

export const restart = (value: string) => ({
  spec: { template: { metadata: { annotations: { 'lab.dev/restart': value } } } },
});

/** What `restart` last said of it. */
export function markOf({ spec }: Thing): string | undefined {
  const template = spec?.['template'] as Thing | undefined;
  return template?.metadata?.annotations?.['lab.dev/restart'];
}

/** Of all states the first for which it holds; the order of these is the contract. */
export const firstWhere = (events: readonly Told[], holds: (object: Thing) => boolean) =>
  events.findIndex(({ object }) => holds(object));

export const ascends = (numbers: readonly number[]) =>
  numbers.every((one, index) => one >= 0 && one >= (numbers[index - 1] ?? 0));

/** A workload whose pods are ready as soon as they are made. */
export const about = (
  title: string,
  check: (t: Parameters<Fact['check']>[0], plane: Plane, namespace: string) => Promise<void>,
): Fact => ({
  title,
  needsControllers: true,
  async check(t, plane) {
    const namespace = await plane.namespace();
    await whileReady(plane, namespace, () => check(t, plane, namespace));
  },
});

export async function deployed(
  plane: Plane,
  namespace: string,
  more: object = {},
): Promise<string> {
  const path = apps(namespace, 'deployments');
  const { metadata } = await must(plane, 'POST', path, aWorkload('web', { replicas: 2, ...more }));
  await untilComplete(plane, `${path}/web`, metadata.resourceVersion);
  return `${path}/web`;
}

export const replicaSetsIn = async (plane: Plane, namespace: string) =>
  (await must(plane, 'GET', apps(namespace, 'replicasets'))).items ?? [];

export const patched = (plane: Plane, path: string, body: object) =>
  must(plane, 'PATCH', path, body, merge);

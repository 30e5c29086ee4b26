import { images } from '../../config/images.ts';
import { annotations as keys } from '../../crds/names.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import { admit } from '../../domain/injection/admit.ts';
import { objectAt, type JsonObject } from '../../domain/json.ts';
import { createBook } from '../../controller/surroundings/book.ts';
import type { Api, KubeObject } from '../../sandbox/api.ts';
import { deploymentOf, namespaceOf, podsPerWorkload } from '../sandbox/deployment.ts';
import { make } from './installation.ts';

/** So many of the namespaces wait for their Instrumentation. */
const lateOf = (namespaces: number) => Math.max(1, Math.floor(namespaces / 10));

export interface Population {
  /** Workloads whose pods all have their agent. */
  readonly covered: readonly string[];
  /** Workloads whose pods all lack it, and of which somebody has said that they are to be let be. */
  readonly observed: readonly string[];
  /** Namespaces whose workloads ask for an agent that nobody has described yet. */
  readonly late: readonly string[];
}

export const agents = {
  apiVersion: 'opentelemetry.io/v1alpha1',
  kind: 'Instrumentation',
  metadata: { name: 'agents' },
  spec: { exporter: { endpoint: 'http://collector.observability:4318' } },
};

export const instrumentationsIn = (namespace: string) =>
  `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations`;

/**
 * A cluster at rest, as its controllers would have left it. They do not run here: what is measured
 * is how soon a restart is sent, and a thousand rollouts on the same core would be measured with it.
 */
export async function populate(
  api: Api,
  { workloads, observed: most }: { readonly workloads: number; readonly observed: number },
): Promise<Population> {
  const names = Array.from({ length: workloads }, (_, index) => namespaceOf(index));
  const namespaces = [...new Set(names)];
  const late = namespaces.slice(-lateOf(namespaces.length));
  const book = createBook({ images, disabled: [] });
  for (const name of namespaces) {
    await make(api, '/api/v1/namespaces', { metadata: { name } });
    book.putNamespace(name, { labels: {}, annotations: {} });
    if (late.includes(name)) continue;
    const stored = await make<JsonObject>(api, instrumentationsIn(name), agents);
    book.putInstrumentation(`${name}/agents`, readInstrumentation(stored));
  }
  const covered: string[] = [];
  const observed: string[] = [];
  for (const [index, namespace] of names.entries()) {
    const isLate = late.includes(namespace);
    const isObserved = !isLate && observed.length < most;
    const made = await deploy(api, index, isObserved);
    const admission = admit(made.template, book.worldOf(namespace));
    const isGiven = !isObserved && admission.kind === 'injected';
    const pod = isGiven ? admission.pod : made.template;
    for (let turn = 0; turn < podsPerWorkload; turn += 1) await run(api, made, turn, pod);
    if (!isLate) (isObserved ? observed : covered).push(`${namespace}/${made.name}`);
  }
  return { covered, observed, late };
}

export interface Made {
  readonly namespace: string;
  readonly name: string;
  readonly revision: string;
  readonly hash: string;
  readonly owner: JsonObject;
  readonly template: JsonObject;
}

const brought = { 'deployment.kubernetes.io/revision': '1' };

/** A Deployment that says that all its pods are there, and the revision they are of. */
async function deploy(api: Api, index: number, isObserved: boolean): Promise<Made> {
  const namespace = namespaceOf(index);
  const path = `/apis/apps/v1/namespaces/${namespace}`;
  const deployment = deploymentOf(index);
  const annotations = { ...brought, ...(isObserved && { [keys.remediation]: 'observe' }) };
  const stored = await make<KubeObject>(api, `${path}/deployments`, {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
  });
  const { name, uid } = stored.metadata;
  const hash = index.toString(16).padStart(10, 'a');
  const revision = `${name}-${hash}`;
  const template = objectAt((stored.spec ?? {}) as JsonObject, 'template') ?? {};
  const labels = { ...deployment.metadata.labels, 'pod-template-hash': hash };
  const metadata = { ...objectAt(template, 'metadata'), labels };
  const set = await make<KubeObject>(api, `${path}/replicasets`, {
    metadata: {
      name: revision,
      labels,
      annotations: brought,
      ownerReferences: [ownerOf('Deployment', name, uid)],
    },
    spec: {
      replicas: podsPerWorkload,
      selector: { matchLabels: labels },
      template: { ...template, metadata },
    },
  });
  const counts = {
    replicas: podsPerWorkload,
    readyReplicas: podsPerWorkload,
    availableReplicas: podsPerWorkload,
  };
  await say(api, `${path}/deployments/${name}`, {
    ...counts,
    updatedReplicas: podsPerWorkload,
    // A word of its owner makes a new generation, and nobody is there to observe it.
    observedGeneration: 1_000,
  });
  await say(api, `${path}/replicasets/${revision}`, { ...counts, observedGeneration: 1 });
  const owner = ownerOf('ReplicaSet', revision, set.metadata.uid);
  return { namespace, name, revision, hash, owner, template: { ...template, metadata } };
}

const ownerOf = (kind: string, name: string, uid: string) => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
});

/** A pod that runs. */
async function run(api: Api, made: Made, turn: number, pod: JsonObject): Promise<void> {
  const path = `/api/v1/namespaces/${made.namespace}/pods`;
  await make(api, path, podOf(made, `${turn}`, pod));
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  await say(api, `${path}/${made.revision}-${turn}`, {
    phase: 'Running',
    startTime: at,
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
    containerStatuses: [
      { name: 'main', ready: true, restartCount: 0, state: { running: { startedAt: at } } },
    ],
  });
}

export const podOf = ({ revision, owner }: Made, turn: string, pod: JsonObject) => ({
  ...pod,
  metadata: {
    ...objectAt(pod, 'metadata'),
    name: `${revision}-${turn}`,
    ownerReferences: [owner],
  },
});

/** One more pod of a workload, as it is made while the webhook is away. */
export async function barePodOf(api: Api, key: string): Promise<() => Promise<void>> {
  const [namespace = '', name = ''] = key.split('/');
  const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
  const { body } = await api.call('GET', path);
  const set = body.items?.find(({ metadata }) => metadata.name.startsWith(`${name}-`));
  if (set === undefined) throw new Error(`${key} has no revision`);
  const { name: revision, uid } = set.metadata;
  const template = objectAt((set.spec ?? {}) as JsonObject, 'template') ?? {};
  const owner = ownerOf('ReplicaSet', revision, uid);
  const made = { namespace, name, revision, hash: '', owner, template };
  const pod = podOf(made, 'late', template);
  return async () => {
    await make(api, `/api/v1/namespaces/${namespace}/pods`, pod);
  };
}

/** Its owner has nothing against a restart any more. */
export async function allow(api: Api, key: string): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const type = 'application/merge-patch+json';
  const metadata = { annotations: { [keys.remediation]: 'restart' } };
  const { code } = await api.call('PATCH', path, { metadata }, { type });
  if (code !== 200) throw new Error(`${path}: ${code}`);
}

async function say(api: Api, path: string, status: object): Promise<void> {
  const type = 'application/merge-patch+json';
  const { code, body } = await api.call('PATCH', `${path}/status`, { status }, { type });
  if (code !== 200) throw new Error(`${path}: ${code} ${JSON.stringify(body)}`);
}

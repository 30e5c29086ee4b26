import { images } from '../../../config/images.ts';
import { admit } from '../../../domain/injection/admit.ts';
import { readInstrumentation } from '../../../domain/injection/instrumentation/read.ts';
import { indexInstrumentations } from '../../../domain/injection/selector.ts';
import { isObject, objectAt, type JsonObject } from '../../../domain/json.ts';

/** Noon, at which every examination of the tests is made. */
export const noon = Date.parse('2026-11-21T12:00:00Z');

const installed = '2026-11-01T08:00:00Z';
const deployed = '2026-11-20T08:00:00Z';

/** What is so in a cluster, by what differs from one in which all is well. */
export interface Scene {
  readonly namespaces?: Readonly<Record<string, { annotations?: JsonObject; labels?: JsonObject }>>;
  readonly instrumentations?: readonly InstrumentationScene[];
  readonly workloads?: readonly WorkloadScene[];
  /** Members of our entry in the webhook configuration. */
  readonly webhook?: JsonObject;
  /** Objects that are there besides. */
  readonly more?: readonly JsonObject[];
  /** Objects that are not there, as `Kind/namespace/name`. */
  readonly without?: readonly string[];
  /** Members of objects, as `Kind/namespace/name`. */
  readonly changed?: Readonly<Record<string, JsonObject>>;
}

export interface InstrumentationScene {
  readonly name?: string;
  readonly namespace?: string;
  readonly spec?: JsonObject;
  readonly metadata?: JsonObject;
  readonly status?: JsonObject;
}

/** A workload, by what differs from the Deployment shop/cart, whose two pods have the agent for Node.js. */
export interface WorkloadScene {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name?: string;
  readonly namespace?: string;
  readonly replicas?: number;
  /** Of the pod template. */
  readonly annotations?: JsonObject;
  readonly labels?: JsonObject;
  /** Of its own. */
  readonly metadata?: JsonObject;
  readonly container?: JsonObject;
  readonly podSpec?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  /** `bare`: its pods were made without the webhook. */
  readonly pods?: 'injected' | 'bare' | 'none';
  readonly podsCreatedAt?: string;
  /** Of each of its pods. */
  readonly podStatus?: JsonObject;
}

/** As the controllers of Kubernetes tell that a pod was refused, `minutes` before noon. */
export const refusedBirth = (
  kind: string,
  name: string,
  message: string,
  minutes = 5,
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.${minutes}`, namespace: 'shop' },
  type: 'Warning',
  reason: 'FailedCreate',
  message,
  involvedObject: { apiVersion: 'apps/v1', kind, namespace: 'shop', name },
  lastTimestamp: new Date(noon - minutes * 60_000).toISOString(),
});

export const inject = (language: string) => `instrumentation.opentelemetry.io/inject-${language}`;

/** Everything that `kubectl get … -o json` would tell. */
export function objectsOf(scene: Scene): readonly JsonObject[] {
  const { instrumentations = [{}], workloads = [{}], namespaces = {} } = scene;
  const names = ['default', 'kube-system', 'otel-retrofit', 'shop', 'observability'];
  const places = new Set([...names, ...Object.keys(namespaces)]);
  const agents = instrumentations.map(instrumentation);
  const all = [
    ...[...places].map((name) => namespace(name, namespaces[name] ?? {})),
    ...installation(scene.webhook ?? {}),
    ...collector(),
    ...agents,
    ...workloads.flatMap((one) => workload(one, { agents, namespaces })),
    ...(scene.more ?? []),
  ];
  return all
    .filter((json) => scene.without?.includes(nameOf(json)) !== true)
    .map((json) => merged(json, scene.changed?.[nameOf(json)] ?? {}));
}

export const dumpOf = (scene: Scene): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsOf(scene) });

export function nameOf(json: JsonObject): string {
  const { namespace: place, name } = objectAt(json, 'metadata') ?? {};
  return [json['kind'], place, name].filter((part) => typeof part === 'string').join('/');
}

/** Objects member by member; everything else is replaced, and `null` takes it away. */
export function merged(one: JsonObject, other: JsonObject): JsonObject {
  const entries = Object.entries({ ...one, ...other }).map(([key, value]) => {
    const before = one[key];
    const isDeeper = isObject(before) && isObject(value) && key in other;
    return [key, isDeeper ? merged(before, value) : value] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

const ready = [{ type: 'Ready', status: 'True', lastTransitionTime: deployed }];

const namespace = (
  name: string,
  { annotations = {}, labels = {} }: { annotations?: JsonObject; labels?: JsonObject },
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    uid: `ns-${name}`,
    creationTimestamp: installed,
    annotations,
    labels: { 'kubernetes.io/metadata.name': name, ...labels },
  },
});

function installation(webhook: JsonObject): readonly JsonObject[] {
  const entry = {
    name: 'pods.otel-retrofit.dev',
    clientConfig: {
      caBundle: 'c29tZWJvZHk=',
      service: {
        name: 'otel-retrofit-webhook',
        namespace: 'otel-retrofit',
        path: '/mutate-pod',
        port: 443,
      },
    },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] },
      ],
    },
    objectSelector: {},
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'otel-retrofit' },
      webhooks: [merged(entry, webhook)],
    },
    ...server({ name: 'otel-retrofit-webhook', place: 'otel-retrofit', port: 443 }, 'webhook'),
    ...server(
      { name: 'otel-retrofit-controller', place: 'otel-retrofit', port: 8080 },
      'controller',
    ),
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'otel-retrofit-controller', namespace: 'otel-retrofit' },
      spec: {
        holderIdentity: 'controller-1',
        leaseDurationSeconds: 15,
        renewTime: '2026-11-01T08:00:00.000000Z',
      },
    },
  ];
}

const collector = (): readonly JsonObject[] =>
  server({ name: 'demo-collector', place: 'observability', port: 4318 }, undefined);

interface Server {
  readonly name: string;
  readonly place: string;
  readonly port: number;
}

/** A Deployment of one pod, with a Service that leads to it. */
export function server(
  { name, place, port }: Server,
  component: 'webhook' | 'controller' | undefined,
): readonly JsonObject[] {
  const labels =
    component === undefined
      ? { app: name }
      : { 'app.kubernetes.io/name': 'otel-retrofit', 'app.kubernetes.io/component': component };
  const metadata = { name, namespace: place, uid: name, creationTimestamp: installed };
  const image = component === undefined ? 'otel/opentelemetry-collector:0.140.0' : 'retrofit:1';
  const podSpec = { containers: [{ name: 'main', image }] };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec },
      },
      status: { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port, targetPort: port }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name: `${name}-1`, uid: `${name}-1`, labels },
      spec: podSpec,
      status: { phase: 'Running', conditions: ready },
    },
  ];
}

/** A NetworkPolicy, as `namespace/name`, for all pods there unless it says which. */
export const policy = (place: string, spec: JsonObject): JsonObject => {
  const [home = '', name = ''] = place.split('/');
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: home },
    spec: { podSelector: {}, ...spec },
  };
};

const instrumentation = ({
  name = 'agents',
  namespace: place = 'shop',
  spec = {},
  metadata = {},
  status,
}: InstrumentationScene): JsonObject => ({
  apiVersion: 'opentelemetry.io/v1alpha1',
  kind: 'Instrumentation',
  metadata: {
    name,
    namespace: place,
    uid: `inst-${place}-${name}`,
    creationTimestamp: installed,
    ...metadata,
  },
  spec: merged({ exporter: { endpoint: 'http://demo-collector.observability.svc:4318' } }, spec),
  ...(status === undefined ? {} : { status }),
});

interface Around {
  readonly agents: readonly JsonObject[];
  readonly namespaces: NonNullable<Scene['namespaces']>;
}

function workload(scene: WorkloadScene, around: Around): readonly JsonObject[] {
  const { kind = 'Deployment', name = 'cart', namespace: place = 'shop', replicas = 2 } = scene;
  const { annotations = { [inject('nodejs')]: 'true' }, labels = {}, podSpec = {} } = scene;
  const container = {
    name: 'app',
    image: 'shop.example/app:1',
    readinessProbe: { httpGet: { path: '/', port: 8080 } },
    ...scene.container,
  };
  const template = {
    metadata: { labels: { app: name, ...labels }, annotations },
    spec: { containers: [container], ...podSpec },
  };
  const metadata = {
    name,
    namespace: place,
    uid: `${kind}-${place}-${name}`,
    generation: 1,
    resourceVersion: '1',
    creationTimestamp: deployed,
  };
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas };
  return [
    merged(
      {
        apiVersion: 'apps/v1',
        kind,
        metadata: merged(
          { ...metadata, ...(kind === 'Deployment' && { annotations: brought }) },
          scene.metadata ?? {},
        ),
        spec: { replicas, selector: { matchLabels: { app: name } }, template },
        status: { observedGeneration: 1, ...counts, availableReplicas: replicas },
      },
      { spec: scene.spec ?? {}, status: scene.status ?? {} },
    ),
    ...revision(scene, { metadata, template }),
    ...podsOf(scene, { metadata, template }, around),
  ];
}

/** Said of a Deployment and of the ReplicaSet that its controller has brought it to. */
const brought = { 'deployment.kubernetes.io/revision': '1' };

function revision(
  { kind = 'Deployment' }: WorkloadScene,
  { metadata, template }: Made,
): readonly JsonObject[] {
  if (kind !== 'Deployment') return [];
  const { name, uid } = metadata;
  const labels = { 'pod-template-hash': '7' };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...metadata,
        name: `${name}-7`,
        uid: `${uid}-7`,
        labels,
        annotations: brought,
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
      },
      spec: {
        selector: { matchLabels: labels },
        template: merged(template, { metadata: { labels } }),
      },
    },
  ];
}

interface Made {
  readonly metadata: JsonObject & Record<'name' | 'namespace' | 'uid', string>;
  readonly template: JsonObject;
}

function podsOf(
  scene: WorkloadScene,
  { metadata, template }: Made,
  { agents, namespaces }: Around,
): readonly JsonObject[] {
  const { kind = 'Deployment', replicas = 2, pods = 'injected', podsCreatedAt = deployed } = scene;
  const { name, namespace: place, uid } = metadata;
  const read = agents.flatMap((json) => readInstrumentation(json) ?? []);
  const around = namespaces[place] ?? {};
  const { annotations = {}, labels = {} } = around;
  const world = {
    namespace: { name: place, annotations, labels },
    instrumentations: indexInstrumentations(read),
    defaults: { images, disabled: [] },
  };
  const made = admit(template, world);
  const pod = pods === 'bare' || made.kind === 'untouched' ? template : made.pod;
  const owner =
    kind === 'Deployment'
      ? { kind: 'ReplicaSet', name: `${name}-7`, uid: `${uid}-7` }
      : { kind, name, uid };
  return Array.from({ length: pods === 'none' ? 0 : replicas }, (_none, index) =>
    merged(pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${index}`,
        namespace: place,
        uid: `${uid}-${index}`,
        creationTimestamp: podsCreatedAt,
        labels: { 'pod-template-hash': '7' },
        ownerReferences: [{ apiVersion: 'apps/v1', ...owner, controller: true }],
      },
      status: merged({ phase: 'Running', conditions: ready }, scene.podStatus ?? {}),
    }),
  );
}

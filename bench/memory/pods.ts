import { createHash } from 'node:crypto';
import { annotations as keys } from '../../crds/names.ts';
import type { JsonObject } from '../../domain/json.ts';

/** As in a cluster of some size: four pods to a revision, and some forty workloads to a namespace. */
const podsPerOwner = 4;
const ownersPerNamespace = 40;

const namespaceOf = (n: number) => `team-${Math.floor(n / podsPerOwner / ownersPerNamespace)}`;

/** The pod number `n` of a cluster, as an API server sends it: 7.8 KB, a third of it managed fields. */
export function podOf(n: number) {
  return {
    metadata: { ...metadataOf(n), managedFields },
    spec: { ...specOf(n), ...filledIn },
    status: statusOf(n),
  };
}

function metadataOf(n: number) {
  const owner = Math.floor(n / podsPerOwner);
  const workload = workloadOf(owner);
  const hash = hashOf(owner);
  return {
    name: nameOf(n),
    generateName: `${workload}-${hash}-`,
    namespace: namespaceOf(n),
    uid: uuid(`pod ${n}`),
    resourceVersion: String(1_000_000 + n * 3),
    generation: 1,
    creationTimestamp: instant(n),
    labels: {
      'app.kubernetes.io/name': workload,
      'app.kubernetes.io/part-of': namespaceOf(n),
      'app.kubernetes.io/version': '3.4.1',
      'pod-template-hash': hash,
    },
    annotations: {
      'example.com/commit': digits(`commit ${owner}`),
      'example.com/config-checksum': digits(`config ${owner}`),
      'prometheus.io/port': '8080',
      'prometheus.io/scrape': 'true',
      [keys.inject('java')]: 'true',
      // Every other workload was there before its Instrumentation.
      ...(owner % 2 === 0 ? { 'otel-retrofit.dev/injected': stamp } : {}),
    },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: `${workload}-${hash}`,
        uid: uuid(`revision ${owner}`),
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

function nameOf(n: number): string {
  const owner = Math.floor(n / podsPerOwner);
  return `${workloadOf(owner)}-${hashOf(owner)}-${digits(`pod ${n}`).slice(0, 5)}`;
}

const workloadOf = (owner: number) => `${services[owner % services.length]}-${owner}`;

const hashOf = (owner: number) => digits(`revision ${owner}`).slice(0, 10);

const services = ['cart', 'checkout', 'catalogue', 'payment', 'shipping', 'recommendation'];
const stamp = 'v1.0123456789abcdef.fedcba9876543210';

/** What people write of a pod. */
function specOf(n: number): JsonObject {
  const image = `registry.example.com/shop/service-${n % 100}:3.4.1`;
  const mounts = [{ name: 'config', mountPath: '/etc/service', readOnly: true }];
  return {
    volumes: [{ name: 'config', configMap: { name: 'service-config', defaultMode: 420 } }],
    initContainers: [
      {
        name: 'migrate',
        image,
        command: ['/bin/migrate', '--wait'],
        resources: small,
        volumeMounts: mounts,
      },
    ],
    containers: [
      {
        name: 'app',
        image,
        ports: [{ name: 'http', containerPort: 8_080, protocol: 'TCP' }],
        env: variables,
        resources: small,
        volumeMounts: mounts,
        readinessProbe: probe('/ready'),
        livenessProbe: probe('/live'),
      },
      {
        name: 'proxy',
        image: 'registry.example.com/mesh/proxy:1.29.0',
        args: ['proxy', 'sidecar', '--log-level=info'],
        resources: small,
      },
    ],
    serviceAccountName: 'default',
    terminationGracePeriodSeconds: 30,
  };
}

const small = {
  limits: { memory: '256Mi' },
  requests: { cpu: '100m', memory: '128Mi' },
};

const probe = (path: string) => ({
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
});

const variables = Array.from({ length: 17 }, (_, index) => ({
  name: `SERVICE_SETTING_${index}`,
  value: `a-value-of-some-length-${index}`,
}));

/** What the API server adds to it. */
const filledIn: JsonObject = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  serviceAccount: 'default',
  nodeName: 'node-17.eu-central.example.com',
  securityContext: {},
  schedulerName: 'default-scheduler',
  tolerations: ['not-ready', 'unreachable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  })),
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
};

/** Each container has a start of its own: what is equal in all pods would be kept too cheaply. */
function statusOf(n: number): JsonObject {
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'];
  const container = (name: string, state: JsonObject) => ({
    name,
    state,
    lastState: {},
    ready: true,
    restartCount: 0,
    image: `registry.example.com/shop/service-${n % 100}:3.4.1`,
    imageID: `registry.example.com/shop/service@sha256:${digits('image')}${digits('digest')}`,
    containerID: `containerd://${digits(`${name} ${n}`)}${digits(`${n}`)}`,
    started: true,
  });
  const running = (after: number) => ({ running: { startedAt: instant(n, after) } });
  return {
    phase: 'Running',
    conditions: [...conditions, 'PodScheduled'].map((type) => ({
      type,
      observedGeneration: 1,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: instant(n, 15),
    })),
    hostIP: '10.0.7.17',
    podIP: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    startTime: instant(n, 1),
    initContainerStatuses: [
      container('migrate', {
        terminated: {
          exitCode: 0,
          reason: 'Completed',
          startedAt: instant(n, 2),
          finishedAt: instant(n, 5),
        },
      }),
    ],
    containerStatuses: [container('app', running(7)), container('proxy', running(9))],
    qosClass: 'Burstable',
  };
}

const instant = (n: number, after = 0) =>
  new Date(1_790_000_000_000 + n * 1_700 + after * 1_000).toISOString().replace(/\.\d+/, '');

const digits = (text: string) => createHash('md5').update(text).digest('hex');

const uuid = (text: string) =>
  digits(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const field = { '.': {}, 'f:name': {}, 'f:value': {} };
const managed = (manager: string, fields: JsonObject, subresource: JsonObject = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-11-21T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...subresource,
});

const managedFields = [
  managed('kube-controller-manager', {
    'f:metadata': {
      'f:annotations': { '.': {}, 'f:prometheus.io/port': {}, 'f:prometheus.io/scrape': {} },
      'f:generateName': {},
      'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {}, 'f:pod-template-hash': {} },
      'f:ownerReferences': { '.': {}, [`k:{"uid":"${uuid('any')}"}`]: {} },
    },
    'f:spec': {
      'f:containers': {
        'k:{"name":"app"}': {
          'f:env': Object.fromEntries(variables.map(({ name }) => [`k:{"name":"${name}"}`, field])),
          'f:image': {},
          'f:livenessProbe': {},
          'f:readinessProbe': {},
          'f:resources': {},
        },
      },
      'f:restartPolicy': {},
    },
  }),
  managed(
    'kubelet',
    { 'f:status': { 'f:conditions': {}, 'f:containerStatuses': {}, 'f:podIPs': {} } },
    { subresource: 'status' },
  ),
];

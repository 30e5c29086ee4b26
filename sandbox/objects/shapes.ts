import type { Fields, Json } from '../api.ts';

/**
 * Built-in kinds in the notation of custom ones: what is filled in, and what must be so. Only what a
 * controller, kubectl or a test of ours reads is written down; fields that are not named here pass.
 */
const or = (value: Json): Fields => ({ default: value });
const shape = (properties: Fields, ...required: readonly string[]): Fields => ({
  type: 'object',
  properties,
  required,
});
const list = (items: Fields, ...keys: readonly string[]): Fields => ({
  type: 'array',
  items,
  'x-kubernetes-list-map-keys': keys,
});
const presentIf = (schema: Fields): Fields => ({ ...schema, default: {} });
const text = (maxLength = 1_000_000, minLength = 0): Fields => ({
  type: 'string',
  maxLength,
  minLength,
});
const whole = (value?: number): Fields => ({
  type: 'integer',
  ...(value === undefined ? {} : { default: value }),
});
const microTime: Fields = {
  type: 'string',
  pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$`,
};

const probe = shape({
  timeoutSeconds: or(1),
  periodSeconds: or(10),
  successThreshold: or(1),
  failureThreshold: or(3),
  httpGet: shape({ path: or('/'), scheme: or('HTTP') }),
});

const fieldRef = shape({ apiVersion: or('v1') });
const files = shape({ defaultMode: or(420), items: list(shape({ fieldRef })) });

const container = shape(
  {
    name: text(63, 1),
    image: text(),
    command: list(text()),
    args: list(text()),
    env: list(
      shape({ name: text(1_000_000, 1), value: text(), valueFrom: shape({ fieldRef }) }, 'name'),
    ),
    ports: list(shape({ containerPort: whole(), protocol: or('TCP') }, 'containerPort')),
    resources: presentIf(shape({})),
    volumeMounts: list(
      shape({ name: text(), mountPath: text() }, 'name', 'mountPath'),
      'mountPath',
    ),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    terminationMessagePath: or('/dev/termination-log'),
    terminationMessagePolicy: or('File'),
  },
  'name',
  'image',
);

const volume = shape(
  {
    name: text(63, 1),
    secret: files,
    configMap: files,
    downwardAPI: files,
    hostPath: shape({ type: or('') }),
    projected: shape({
      defaultMode: or(420),
      sources: list(
        shape({
          serviceAccountToken: shape({ expirationSeconds: or(3600) }),
          downwardAPI: shape({ items: list(shape({ fieldRef })) }),
        }),
      ),
    }),
  },
  'name',
);

const podSpecFields: Fields = {
  containers: { ...list(container, 'name'), minItems: 1 },
  initContainers: list(container, 'name'),
  volumes: list(volume, 'name'),
  restartPolicy: { default: 'Always', enum: ['Always', 'OnFailure', 'Never'] },
  terminationGracePeriodSeconds: whole(30),
  dnsPolicy: or('ClusterFirst'),
  securityContext: or({}),
  schedulerName: or('default-scheduler'),
};

const workload = (fields: Fields): Fields =>
  shape(
    {
      spec: shape(
        { template: shape({ spec: shape(podSpecFields, 'containers') }, 'spec'), ...fields },
        'selector',
        'template',
      ),
    },
    'spec',
  );

const rolling = (fields: Fields): Fields =>
  presentIf(shape({ type: or('RollingUpdate'), rollingUpdate: presentIf(shape(fields)) }));

const webhook = shape(
  {
    sideEffects: { enum: ['None', 'NoneOnDryRun'] },
    clientConfig: shape({ url: { type: 'string', pattern: '^https://[^?]*$' } }),
    failurePolicy: or('Fail'),
    matchPolicy: or('Equivalent'),
    namespaceSelector: or({}),
    objectSelector: or({}),
    timeoutSeconds: { type: 'integer', default: 10, minimum: 1, maximum: 30 },
    name: { type: 'string', pattern: String.raw`^[^.]+(\.[^.]+){2,}$` },
    rules: list(shape({ scope: or('*') })),
    matchConditions: { type: 'array', maxItems: 0 }, // CEL: better refused than passed over
  },
  'sideEffects',
  'clientConfig',
  'name',
);

const schemas: Readonly<Record<string, Fields>> = {
  Pod: shape(
    {
      spec: shape(
        {
          ...podSpecFields,
          enableServiceLinks: or(true),
          serviceAccountName: or('default'),
          preemptionPolicy: or('PreemptLowerPriority'),
          priority: or(0),
        },
        'containers',
      ),
    },
    'spec',
  ),
  Service: shape({
    spec: shape({
      type: or('ClusterIP'),
      sessionAffinity: or('None'),
      internalTrafficPolicy: or('Cluster'),
      ports: list(shape({ protocol: or('TCP') })),
    }),
  }),
  Secret: shape({ type: or('Opaque') }),
  Deployment: workload({
    replicas: whole(1),
    revisionHistoryLimit: whole(10),
    progressDeadlineSeconds: whole(600),
    strategy: rolling({ maxUnavailable: or('25%'), maxSurge: or('25%') }),
  }),
  ReplicaSet: workload({ replicas: whole(1) }),
  StatefulSet: workload({
    replicas: whole(1),
    revisionHistoryLimit: whole(10),
    podManagementPolicy: or('OrderedReady'),
    updateStrategy: rolling({ partition: or(0) }),
  }),
  DaemonSet: workload({
    revisionHistoryLimit: whole(10),
    updateStrategy: rolling({ maxUnavailable: or(1), maxSurge: or(0) }),
  }),
  Job: shape(
    {
      spec: shape(
        {
          template: shape({ spec: shape(podSpecFields, 'containers') }),
          parallelism: whole(1),
          completions: whole(1),
          backoffLimit: whole(6),
          completionMode: or('NonIndexed'),
          suspend: or(false),
        },
        'template',
      ),
    },
    'spec',
  ),
  Lease: shape({
    spec: shape({
      leaseDurationSeconds: { type: 'integer', minimum: 1 },
      renewTime: microTime,
      acquireTime: microTime,
    }),
  }),
  Event: shape({
    eventTime: microTime,
    type: { enum: ['Normal', 'Warning'] },
    message: text(1024),
    action: text(128),
    reason: text(128),
    reportingInstance: text(128),
    series: shape({ count: { type: 'integer', minimum: 2 }, lastObservedTime: microTime }),
  }),
  MutatingWebhookConfiguration: shape({ webhooks: list(webhook, 'name') }),
  ValidatingWebhookConfiguration: shape({ webhooks: list(webhook, 'name') }),
};

export const shapeOf = (kind: string): Fields => schemas[kind] ?? {};

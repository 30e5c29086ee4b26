import type { Fields } from '../api.ts';

/**
 * What the server fills in, and what it would not store, of the kinds that everybody has: in the
 * same words as a CustomResourceDefinition, and only as far as somebody reads it or gets it wrong.
 */
const text: Fields = { type: 'string' };
const texts: Fields = { type: 'array', items: text };
const count: Fields = { type: 'integer' };
const either: Fields = { 'x-kubernetes-int-or-string': true };
const microtime: Fields = { type: 'string', format: 'microtime' };
const limited = (maxLength: number): Fields => ({ type: 'string', maxLength });
const choice = (...choices: readonly string[]): Fields => ({ type: 'string', enum: choices });
const or = (schema: Fields, value: Fields | string | number): Fields => ({
  ...schema,
  default: value,
});
const closed = (properties: Fields, ...required: readonly string[]): Fields => ({
  type: 'object',
  properties,
  required,
});
/** An object that may have more than is told here. */
const open = (properties: Fields = {}, ...required: readonly string[]): Fields => ({
  ...closed(properties, ...required),
  'x-kubernetes-preserve-unknown-fields': true,
});
const list = (items: Fields): Fields => ({ type: 'array', items });
const keyed = (key: string, items: Fields): Fields => ({
  ...list(items),
  'x-kubernetes-list-map-keys': [key],
});

const probe = open({
  timeoutSeconds: or(count, 1),
  periodSeconds: or(count, 10),
  successThreshold: or(count, 1),
  failureThreshold: or(count, 3),
  httpGet: open({ path: or(text, '/'), scheme: or(text, 'HTTP') }),
});

const container = open(
  {
    name: text,
    image: text,
    command: texts,
    args: texts,
    env: list(open({ name: { type: 'string', minLength: 1 }, value: text }, 'name')),
    ports: list(open({ protocol: or(text, 'TCP') })),
    resources: or(open(), {}),
    volumeMounts: keyed('mountPath', open({ name: text, mountPath: text }, 'name', 'mountPath')),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    terminationMessagePath: or(text, '/dev/termination-log'),
    terminationMessagePolicy: or(text, 'File'),
  },
  'name',
  'image',
);

const podProperties: Fields = {
  containers: { ...keyed('name', container), minItems: 1 },
  initContainers: keyed('name', container),
  volumes: keyed('name', open({ name: text }, 'name')),
  restartPolicy: or(text, 'Always'),
  terminationGracePeriodSeconds: or(count, 30),
  dnsPolicy: or(text, 'ClusterFirst'),
  securityContext: or(open(), {}),
  schedulerName: or(text, 'default-scheduler'),
};

const template = open({ spec: open(podProperties, 'containers') }, 'spec');
const anything = open();
const labelSelector = open();

/** The specification of something that makes pods for ever, where nothing unknown is let in. */
const workload = (more: Fields): Fields => {
  const usual = { selector: labelSelector, template, minReadySeconds: count };
  return open({ spec: closed({ ...usual, ...more }, 'selector', 'template') }, 'spec');
};

const webhook = open(
  {
    name: { type: 'string', pattern: '^[^.]+([.][^.]+){2,}$' },
    clientConfig: open({ url: { type: 'string', pattern: '^https://[^?]*$' } }),
    sideEffects: choice('None', 'NoneOnDryRun'),
    failurePolicy: or(choice('Fail', 'Ignore'), 'Fail'),
    matchPolicy: or(text, 'Equivalent'),
    namespaceSelector: or(labelSelector, {}),
    objectSelector: or(labelSelector, {}),
    timeoutSeconds: or({ ...count, minimum: 1, maximum: 30 }, 10),
    matchConditions: { type: 'array', maxItems: 0 },
    rules: list(open({ scope: or(text, '*') })),
  },
  'name',
  'sideEffects',
);
const once = or(choice('Never', 'IfNeeded'), 'Never');
const mutating = {
  ...webhook,
  properties: { ...(webhook['properties'] as Fields), reinvocationPolicy: once },
};

const percents = closed({ maxUnavailable: or(either, '25%'), maxSurge: or(either, '25%') });
const daemons = closed({ maxUnavailable: or(either, 1), maxSurge: or(either, 0) });
const partition = open({ partition: or(count, 0) });
const strategy = (type: Fields, rollingUpdate: Fields) =>
  or(closed({ type, rollingUpdate: or(rollingUpdate, {}) }), {});
const update = choice('RollingUpdate', 'OnDelete');

const schemas: Readonly<Record<string, Fields>> = {
  Pod: open(
    {
      spec: open({ ...podProperties, serviceAccountName: or(text, 'default') }, 'containers'),
    },
    'spec',
  ),
  Deployment: workload({
    replicas: or(count, 1),
    revisionHistoryLimit: or(count, 10),
    progressDeadlineSeconds: or(count, 600),
    paused: { type: 'boolean' },
    strategy: strategy(or(choice('RollingUpdate', 'Recreate'), 'RollingUpdate'), percents),
  }),
  ReplicaSet: workload({ replicas: or(count, 1) }),
  StatefulSet: workload({
    replicas: or(count, 1),
    revisionHistoryLimit: or(count, 10),
    serviceName: text,
    ordinals: anything,
    volumeClaimTemplates: list(anything),
    persistentVolumeClaimRetentionPolicy: anything,
    podManagementPolicy: or(choice('OrderedReady', 'Parallel'), 'OrderedReady'),
    updateStrategy: strategy(or(update, 'RollingUpdate'), partition),
  }),
  DaemonSet: workload({
    revisionHistoryLimit: or(count, 10),
    updateStrategy: strategy(or(update, 'RollingUpdate'), daemons),
  }),
  Job: open({ spec: open({ template }, 'template') }, 'spec'),
  Lease: open({
    spec: open({
      renewTime: microtime,
      acquireTime: microtime,
      leaseDurationSeconds: { ...count, minimum: 1 },
    }),
  }),
  Event: open(
    {
      eventTime: microtime,
      message: limited(1_024),
      action: limited(128),
      reason: limited(128),
      type: choice('Normal', 'Warning'),
    },
    'reason',
  ),
  MutatingWebhookConfiguration: open({ webhooks: list(mutating) }),
  ValidatingWebhookConfiguration: open({ webhooks: list(webhook) }),
};

export const schemaOf = (kind: string): Fields => schemas[kind] ?? anything;

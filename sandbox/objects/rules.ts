import type { Fields, Json } from '../api.ts';
import { at, fieldsOf, isFields, isList, isSame, listOf, put, textOf, type Thing } from './json.ts';
import type { Kind } from './kinds.ts';
import type { Cause } from './refusals.ts';
import { unlessSame, validate, withDefaults } from './schema.ts';
import { matchesLabels } from './selectors.ts';
import { shapeOf } from './shapes.ts';

/** Fills in what the author left out. What was complete is returned as it is, so that versions share it. */
export function complete({ kind, custom }: Kind, thing: Thing): Thing {
  if (custom !== undefined) return withDefaults(custom.schema, thing) as Thing;
  const filled = withDefaults(shapeOf(kind), tidy(thing) ?? {}) as Thing;
  const path = kind === 'Pod' ? 'spec' : 'spec.template.spec';
  const pod = at(filled, path);
  const withPod = isFields(pod) ? put(filled, path, podSpec(pod)) : filled;
  return completions[kind]?.(withPod) ?? withPod;
}

/** Go leaves out what is empty: nulls, empty lists, and maps that hold nothing. */
function tidy(value: Json, name = ''): Json | undefined {
  if (value === null || (isList(value) && value.length === 0)) return undefined;
  if (isList(value))
    return unlessSame(
      value,
      value.map((item) => tidy(item) ?? item),
    );
  if (!isFields(value)) return value;
  const kept = Object.entries(value).map(([key, inner = null]) => [key, tidy(inner, key)] as const);
  const tidied = Object.fromEntries(kept.filter(([, inner]) => inner !== undefined));
  return maps.has(name) && Object.keys(tidied).length === 0
    ? undefined
    : unlessSame<Fields>(value, tidied);
}

const maps = new Set(['annotations', 'data', 'labels', 'matchLabels', 'nodeSelector']);

const mapList = (fields: Fields, name: string, change: (item: Fields) => Fields): Fields => {
  const items = fields[name];
  return isList(items)
    ? put(
        fields,
        name,
        unlessSame(
          items,
          items.map((item) => change(fieldsOf(item))),
        ),
      )
    : fields;
};

function podSpec(spec: Fields): Fields {
  const account = spec['serviceAccountName'];
  const known = account === undefined ? spec : put(spec, 'serviceAccount', account);
  const started = mapList(mapList(known, 'initContainers', container), 'containers', container);
  return mapList(started, 'volumes', (volume) =>
    Object.keys(volume).length === 1 ? { ...volume, emptyDir: {} } : volume,
  );
}

function container(given: Fields): Fields {
  const isLatest = /(?::latest|\/[^:@]*|^[^:@/]*)$/.test(textOf(given['image']));
  const pulled =
    given['imagePullPolicy'] === undefined
      ? { ...given, imagePullPolicy: isLatest ? 'Always' : 'IfNotPresent' }
      : given;
  const { limits, requests } = fieldsOf(given['resources']);
  const asked =
    limits === undefined
      ? pulled
      : put(
          pulled,
          'resources.requests',
          unlessSame<Fields>(fieldsOf(requests), { ...fieldsOf(limits), ...fieldsOf(requests) }),
        );
  return mapList(asked, 'env', (variable) =>
    variable['value'] === '' ? put(variable, 'value', undefined) : variable,
  );
}

/** `rollingUpdate` belongs to one type only. */
const strategy = (path: string) => (thing: Thing) =>
  at(thing, `${path}.type`) === 'RollingUpdate'
    ? thing
    : put(thing, `${path}.rollingUpdate`, undefined);

const completions: Readonly<Record<string, (thing: Thing) => Thing>> = {
  Deployment: strategy('spec.strategy'),
  StatefulSet: strategy('spec.updateStrategy'),
  DaemonSet: strategy('spec.updateStrategy'),
  Namespace: (thing) =>
    thing.metadata.name === undefined
      ? thing
      : put(
          thing,
          'metadata',
          put(thing.metadata, 'labels', {
            ...thing.metadata.labels,
            'kubernetes.io/metadata.name': thing.metadata.name,
          }),
        ),
  Pod: (thing) => {
    const tolerations = listOf(at(thing, 'spec.tolerations'));
    const lacking = evicting.filter(
      ({ key }) =>
        !tolerations.some((one) =>
          [undefined, key].includes(textOf(fieldsOf(one)['key']) || undefined),
        ),
    );
    return lacking.length === 0
      ? thing
      : put(thing, 'spec.tolerations', [...tolerations, ...lacking]);
  },
  Service: (thing) =>
    put(
      thing,
      'spec',
      mapList(fieldsOf(thing['spec']), 'ports', (port) =>
        port['targetPort'] === undefined ? { ...port, targetPort: port['port'] } : port,
      ),
    ),
  Secret: ({ stringData, ...thing }) => {
    const encoded = Object.entries(fieldsOf(stringData)).map(([name, text]) => [
      name,
      Buffer.from(textOf(text)).toString('base64'),
    ]);
    return (
      stringData === undefined
        ? thing
        : put(thing, 'data', { ...fieldsOf(thing['data']), ...Object.fromEntries(encoded) })
    ) as Thing;
  },
  MutatingWebhookConfiguration: (thing) =>
    mapList(thing, 'webhooks', (hook) =>
      hook['reinvocationPolicy'] === undefined ? { ...hook, reinvocationPolicy: 'Never' } : hook,
    ) as Thing,
};

/** How long a pod stays on a node that is lost; an admission plugin of the real server says so. */
const evicting = ['not-ready', 'unreachable'].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

/** What the server itself settles when an object is made: most of all, how its status begins. */
export function atBirth({ kind, custom, subresources }: Kind, thing: Thing): Thing {
  const settle = births[kind];
  if (custom === undefined && settle !== undefined) return settle(thing);
  return custom !== undefined && subresources.includes('status')
    ? put(thing, 'status', undefined)
    : thing;
}

const statusOf = (status: Fields) => (thing: Thing) => put(thing, 'status', status);

const births: Readonly<Record<string, (thing: Thing) => Thing>> = {
  Pod: (thing) => put(thing, 'status', { phase: 'Pending', qosClass: qosClassOf(thing) }),
  Namespace: (thing) =>
    put(put(thing, 'spec', { finalizers: ['kubernetes'] }), 'status', { phase: 'Active' }),
  Node: (thing) =>
    put(thing, 'spec.taints', [
      ...listOf(at(thing, 'spec.taints')),
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
    ]),
  Service: (thing) => put(thing, 'spec.clusterIP', at(thing, 'spec.clusterIP') ?? addressOf(thing)),
  Deployment: statusOf({}),
  ReplicaSet: statusOf({ replicas: 0 }),
  StatefulSet: statusOf({ replicas: 0, availableReplicas: 0 }),
  DaemonSet: statusOf({
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  }),
  PodDisruptionBudget: statusOf({
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  }),
  Job: (thing) => {
    const own = { 'batch.kubernetes.io/controller-uid': thing.metadata.uid };
    const labels = {
      ...fieldsOf(at(thing, 'spec.template.metadata.labels')),
      ...own,
      'batch.kubernetes.io/job-name': thing.metadata.name,
    };
    return put(
      put(put(thing, 'status', {}), 'spec.selector', { matchLabels: own }),
      'spec.template.metadata.labels',
      labels,
    );
  },
};

function qosClassOf(pod: Thing): string {
  const containers = ['spec.containers', 'spec.initContainers'].flatMap((path) =>
    listOf(at(pod, path)),
  );
  const resources = containers.map((one) => fieldsOf(fieldsOf(one)['resources']));
  const amounts = resources.map(
    ({ limits, requests }) => [fieldsOf(limits), fieldsOf(requests)] as const,
  );
  if (amounts.every(([limits, requests]) => Object.keys({ ...limits, ...requests }).length === 0))
    return 'BestEffort';
  const isFixed = amounts.every(([limits, requests]) =>
    ['cpu', 'memory'].every(
      (name) => limits[name] !== undefined && isSame(limits[name], requests[name]),
    ),
  );
  return isFixed ? 'Guaranteed' : 'Burstable';
}

/** Each Service has an address of its own; nothing listens there. */
const addressOf = ({ metadata }: Thing) =>
  `10.96.${parseInt(metadata.uid.slice(0, 2), 16)}.${parseInt(metadata.uid.slice(2, 4), 16)}`;

/** What the real server would not store, so far as the product or a person may run into it. */
export function faultsOf({ kind, custom }: Kind, thing: Thing, before?: Thing): readonly Cause[] {
  const shaped = validate(custom?.schema ?? shapeOf(kind), thing);
  if (shaped.length > 0 || custom !== undefined) return [...metadataFaults(thing), ...shaped];
  const changed = before === undefined ? [] : changes(kind, thing, before);
  return [
    ...metadataFaults(thing),
    ...selectorFaults(kind, thing),
    ...mountFaults(kind, thing),
    ...changed,
  ];
}

const wrong = (field: string, value: unknown, why: string): Cause => ({
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

const limitBytes = 262_144;
const subdomain = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9.:]*[a-z0-9])?$/;

function metadataFaults({ metadata: { name, annotations = {} } }: Thing): readonly Cause[] {
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return [
    ...(subdomain.test(name)
      ? []
      : [
          wrong(
            'metadata.name',
            name,
            'a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "-" or "."',
          ),
        ]),
    ...(bytes <= limitBytes
      ? []
      : [
          {
            field: 'metadata.annotations',
            message: `Too long: may not be more than ${limitBytes} bytes`,
            reason: 'FieldValueTooLong',
          },
        ]),
  ];
}

function selectorFaults(kind: string, thing: Thing): readonly Cause[] {
  const selector = at(thing, 'spec.selector');
  const labels = fieldsOf(at(thing, 'spec.template.metadata.labels'));
  if (
    !['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(kind) ||
    matchesLabels(selector, labels)
  )
    return [];
  return [
    wrong('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
  ];
}

function mountFaults(kind: string, thing: Thing): readonly Cause[] {
  const path = kind === 'Pod' ? 'spec' : 'spec.template.spec';
  const volumes = listOf(at(thing, `${path}.volumes`)).map((volume) => fieldsOf(volume)['name']);
  return ['initContainers', 'containers'].flatMap((list) =>
    listOf(at(thing, `${path}.${list}`)).flatMap((one, index) =>
      listOf(fieldsOf(one)['volumeMounts'])
        .map((mount) => fieldsOf(mount)['name'])
        .filter((name) => !volumes.includes(name ?? ''))
        .map((name) => ({
          field: `${path}.${list}[${index}].volumeMounts[0].name`,
          message: `Not found: ${JSON.stringify(name)}`,
          reason: 'FieldValueNotFound',
        })),
    ),
  );
}

/** Of some objects next to nothing may change: `spec.*` stands for all that is not named beside it. */
function changes(kind: string, thing: Thing, before: Thing): readonly Cause[] {
  const rest = unchanging[kind];
  if (rest !== undefined && !isSame(rest(thing), rest(before)))
    return [
      {
        field: 'spec',
        message: `Forbidden: ${kind.toLowerCase()} updates may not change these fields`,
        reason: 'FieldValueForbidden',
      },
    ];
  const selector = at(thing, 'spec.selector');
  if (!kind.endsWith('Set') && kind !== 'Deployment') return [];
  return isSame(selector, at(before, 'spec.selector'))
    ? []
    : [wrong('spec.selector', selector, 'field is immutable')];
}

const without = (fields: Fields, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

const unchanging: Readonly<Record<string, (thing: Thing) => Fields>> = {
  Pod: ({ spec }) => {
    const imageless = (list: Json | undefined) =>
      listOf(list).map((one) => without(fieldsOf(one), 'image'));
    const { containers, initContainers, ...rest } = fieldsOf(spec);
    return {
      ...without(rest, 'activeDeadlineSeconds', 'tolerations'),
      containers: imageless(containers),
      initContainers: imageless(initContainers),
    };
  },
  StatefulSet: ({ spec }) =>
    without(
      fieldsOf(spec),
      'replicas',
      'ordinals',
      'template',
      'updateStrategy',
      'revisionHistoryLimit',
      'persistentVolumeClaimRetentionPolicy',
      'minReadySeconds',
    ),
  Event: (thing) => (thing['eventTime'] === undefined ? {} : without(thing, 'metadata', 'series')),
};

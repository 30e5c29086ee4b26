import type { Dice } from '../../support/dice.ts';
import type { Case, Container, EnvVar, Owner, Texts } from '../case.ts';
import {
  asStored,
  inSettings,
  withAttributes,
  withCertificates,
  withServers,
} from './edge-settings.ts';

type Change = (one: Case, dice: Dice) => Case;

/** Takes a case to where readings part easily: what is empty, repeated, at a limit or oddly written. */
export const toTheEdge = (one: Case, dice: Dice): Case =>
  dice.chance(0.3) ? dice.some(changes, 0.3).reduce((so, change) => change(so, dice), one) : one;

const onPod = (one: Case, metadata: Partial<Case['pod']['metadata']>): Case => ({
  ...one,
  pod: { ...one.pod, metadata: { ...one.pod.metadata, ...metadata } },
});

const annotated = (one: Case, annotations: Texts): Case =>
  onPod(one, { annotations: { ...one.pod.metadata.annotations, ...annotations } });

const inContainers = (one: Case, change: (container: Container) => Container): Case => ({
  ...one,
  pod: { ...one.pod, spec: { ...one.pod.spec, containers: one.pod.spec.containers.map(change) } },
});

const hex = (length: number) => 'a1'.repeat(length / 2);
const longPath = `${'p'.repeat(200)}/${'q'.repeat(54)}`;

/** Images, and what is nearly one. */
const images = [
  '[fd00::1]:5000/shop/cart:1.2',
  '[::1]/cart:1',
  `cart@sha384:${hex(96)}`,
  `cart:3@sha384:${hex(96)}`,
  `cart:3@sha256:${hex(62)}`,
  `cart@md5:${hex(32)}`,
  `reg.example:5000/${longPath}:4`,
  `reg.example:5000/${longPath}p:4`,
  `${longPath}pp:4`,
  `cart:${'t'.repeat(128)}`,
  `cart:${'t'.repeat(129)}`,
  hex(64),
  `${hex(64)}:5`,
  'reg.example:port/cart:1',
  'reg.example:/cart:1',
  'reg_example/cart:1',
  'cart___x:1',
  'cart:1.2 ',
  'cart:',
  '-cart:1',
  '',
] as const;

const withImages: Change = (one, dice) =>
  inContainers(one, (container) => ({ ...container, image: dice.pick(images) }));

const owner = (kind: string, name: string, uid?: string): Owner => ({
  kind,
  name,
  ...(uid === undefined ? {} : { uid }),
});

const made = 'c0ffee00-0000-4000-8000-000000000003';

/** Owners in numbers, in other spellings and with names that are no more than their ends. */
const owners: readonly [readonly Owner[], ...(readonly Owner[])[]] = [
  [owner('ReplicaSet', 'one-5d4f', 'u1'), owner('ReplicaSet', 'two-5d4f', 'u2')],
  [owner('Job', 'import-7', 'u1'), owner('ReplicaSet', 'two-5d4f', 'u2')],
  [owner('REPLICASET', 'cart-5d4f', 'u1')],
  [owner('cronJob', 'nightly', 'u1')],
  [owner('job', 'nightly-29284390', 'u1')],
  [owner('ReplicaSet', '5d4f', 'u1')],
  [owner('ReplicaSet', '-5d4f', 'u1')],
  [owner('Job', '-5', 'u1')],
  [owner('Job', 'a-1-2', 'u1')],
  [owner('Deployment', 'direct'), owner('ReplicaSet', 'other-5d4f')],
  [],
];

const withOwners: Change = (one, dice) => {
  const ownerReferences = dice.pick(owners);
  const labels = { ...one.pod.metadata.labels, 'pod-template-hash': '5d4f' };
  const makers = Object.fromEntries(
    ownerReferences
      .filter(() => dice.chance(0.7))
      .map(({ kind, name }) => [
        `${kind.toLowerCase() === 'job' ? 'Job' : 'ReplicaSet'}/${name}`,
        [owner(kind.toLowerCase() === 'job' ? 'CronJob' : 'Deployment', 'maker', made)],
      ]),
  );
  const { annotations } = one.pod.metadata;
  return { ...onPod(one, { ownerReferences, labels, annotations: { ...annotations } }), makers };
};

const lists = [
  ',',
  ',,',
  'app,app',
  'app,,app',
  ',app',
  'app,nope,app',
  'true',
  '-',
  'APP',
] as const;

const withLists: Change = (one, dice) => {
  const key = dice.pick([
    'container-names',
    'container-names',
    'java-container-names',
    'nodejs-container-names',
    'python-container-names',
    'go-container-names',
    'apache-httpd-container-names',
    'inject-nginx-container-names',
    'sdk-container-names',
  ]);
  const listed = annotated(one, { [`instrumentation.opentelemetry.io/${key}`]: dice.pick(lists) });
  return dice.chance(0.5) ? { ...listed, isMultiOff: true } : listed;
};

const texts = [
  '',
  ' ',
  'a\tb',
  'a\nb',
  'ü',
  '😀',
  '100%',
  '%2C',
  '"q"',
  '$(X)',
  '$$',
  ';',
  '\\',
] as const;

const resource = [
  'service.name',
  'service.namespace',
  'service.version',
  'service.instance.id',
  'k8s.pod.uid',
  'k8s.node.name',
  'k8s.namespace.name',
  'k8s.container.name',
  'Team.Name',
] as const;

const withNotes: Change = (one, dice) =>
  annotated(
    one,
    Object.fromEntries(
      dice.some(resource, 0.3).map((key) => [`resource.opentelemetry.io/${key}`, dice.pick(texts)]),
    ),
  );

const withLabels: Change = (one, dice) => {
  const { labels } = one.pod.metadata;
  const said = dice.some(['instance', 'name', 'version', 'part-of'], 0.5);
  const added = said.map((key) => [`app.kubernetes.io/${key}`, dice.pick(['', 'labelled'])]);
  const labelled = onPod(one, { labels: { ...labels, ...Object.fromEntries(added) } });
  return inSettings(labelled, (settings) => ({
    ...settings,
    defaults: { useLabelsForResourceAttributes: dice.chance(0.8) },
  }));
};

const attributes = 'OTEL_RESOURCE_ATTRIBUTES';
const hidden = { configMapKeyRef: { name: 'c', key: 'k' } };

/** Names that stand twice, once as a text and once as a reference. */
const entries: readonly [readonly EnvVar[], ...(readonly EnvVar[])[]] = [
  [
    { name: attributes, value: 'a=1' },
    { name: attributes, valueFrom: hidden },
  ],
  [
    { name: attributes, valueFrom: hidden },
    { name: attributes, value: 'a=1' },
  ],
  [
    { name: 'JAVA_TOOL_OPTIONS', value: '-Xmx1g' },
    { name: 'JAVA_TOOL_OPTIONS', valueFrom: hidden },
  ],
  [
    { name: 'PYTHONPATH', valueFrom: hidden },
    { name: 'PYTHONPATH', value: '/app' },
  ],
  [{ name: 'OTEL_SERVICE_NAME' }, { name: 'OTEL_SERVICE_NAME', value: 'twice' }],
  [{ name: attributes, value: ',' }],
  [{ name: attributes, value: '=x,y=,,  z=1' }],
  [{ name: attributes, value: 'a=1,a=2,k8s.pod.name' }],
];

const withEntries: Change = (one, dice) => {
  if (dice.chance(0.5)) {
    return inContainers(one, (container) => ({
      ...container,
      env: [...(container.env ?? []), ...dice.pick(entries)],
    }));
  }
  return inSettings(one, (settings) => ({
    ...settings,
    env: [...(settings.env ?? []), ...dice.pick(entries)],
  }));
};

/** A pod that an API server has named, and knows, already. */
const known: Change = (one, dice) =>
  onPod(one, {
    name: 'cart-0',
    ...(dice.chance(0.5) ? { generateName: 'cart-' } : {}),
    ...(dice.chance(0.5) ? { uid: 'd00d0000-0000-4000-8000-000000000004' } : {}),
  });

const changes: readonly Change[] = [
  withImages,
  withOwners,
  withLists,
  withNotes,
  withLabels,
  withCertificates,
  withServers,
  withEntries,
  withAttributes,
  asStored,
  known,
];

import test from 'ava';
import {
  attributesOf,
  readAttributes,
  serviceName,
  serviceVersion,
  writeAttributes,
  type Subject,
} from '../../../../domain/injection/sdk/attributes.ts';
import type { Owner } from '../../../../domain/injection/sdk/owners.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { aContainer, anInstrumentation, aReadPod, frozen } from '../../../support/build.ts';

interface Given {
  readonly pod?: JsonObject;
  readonly container?: JsonObject;
  readonly spec?: JsonObject;
  readonly owners?: readonly Owner[];
  readonly namespace?: string;
  /** What the container's own OTEL_RESOURCE_ATTRIBUTES says. */
  readonly stated?: string;
}

const subjectOf = ({ pod, container, spec, owners = [], namespace = 'shop' }: Given): Subject => ({
  pod: aReadPod(pod),
  namespace,
  owners: frozen(owners),
  container: aContainer(container),
  shared: anInstrumentation(spec).shared,
});

const own = (key: string) => `resource.opentelemetry.io/${key}`;
const attributesGiven = (given: Given) =>
  attributesOf(subjectOf(given), readAttributes(given.stated ?? ''));

const plain = {
  'k8s.namespace.name': 'shop',
  'k8s.container.name': 'app',
  'service.instance.id': 'shop.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).app',
  'service.namespace': 'shop',
};

const attributes = test.macro(
  (t, given: Given, expected: Readonly<Record<string, string | undefined>>) => {
    const found = Object.fromEntries(attributesGiven(given));
    const all = Object.entries({ ...plain, ...expected }).filter(
      ([, value]) => value !== undefined,
    );
    t.deepEqual(found, Object.fromEntries(all));
  },
);

const deployed: readonly Owner[] = [
  { kind: 'replicaset', name: 'cart-7c9f', uid: 'rs1' },
  { kind: 'deployment', name: 'cart' },
];
const withUids = { resource: { addK8sUIDAttributes: true } };
const resource = (resourceAttributes: JsonObject) => ({ resource: { resourceAttributes } });

test('Kubernetes says where the container runs', attributes, {}, {});
test(
  'a pod that has its name, uid and node already says them',
  attributes,
  { pod: { metadata: { name: 'cart-1', uid: 'p1' }, nodeName: 'n1' } },
  { 'k8s.pod.name': 'cart-1', 'k8s.pod.uid': 'p1', 'k8s.node.name': 'n1' },
);
test(
  'owners are told by name',
  attributes,
  { owners: deployed },
  { 'k8s.replicaset.name': 'cart-7c9f', 'k8s.deployment.name': 'cart' },
);
test(
  'uids are told when they are asked for, and where they are known',
  attributes,
  { owners: deployed, spec: withUids },
  {
    'k8s.replicaset.name': 'cart-7c9f',
    'k8s.replicaset.uid': 'rs1',
    'k8s.deployment.name': 'cart',
  },
);
test(
  'a Rollout has no attribute of its own',
  attributes,
  { owners: [{ kind: 'rollout', name: 'cart' }] },
  {},
);
test(
  'an Instrumentation adds attributes',
  attributes,
  { spec: resource({ env: 'prod', empty: '' }) },
  { env: 'prod', empty: '' },
);
test(
  'what Kubernetes says outranks the Instrumentation',
  attributes,
  { spec: resource({ 'k8s.namespace.name': 'x', 'k8s.pod.name': 'kept' }) },
  { 'k8s.pod.name': 'kept' },
);
test(
  'an annotation outranks what Kubernetes says',
  attributes,
  {
    pod: { annotations: { [own('k8s.container.name')]: 'mine', [own('team')]: 'a' } },
    spec: resource({ team: 'b' }),
  },
  { 'k8s.container.name': 'mine', team: 'a' },
);
test(
  'annotations of others are no attributes',
  attributes,
  { pod: { annotations: { 'example.com/team': 'a', 'resource.opentelemetry.io': 'b' } } },
  {},
);
test(
  'the name of the service is no attribute',
  attributes,
  { pod: { annotations: { [own('service.name')]: 'cart' } } },
  {},
);
test(
  'an annotation names the service’s namespace',
  attributes,
  { pod: { annotations: { [own('service.namespace')]: 'group' } } },
  { 'service.namespace': 'group' },
);
test(
  'an empty annotation does not unname the service’s namespace',
  attributes,
  { pod: { annotations: { [own('service.namespace')]: '' } } },
  {},
);
test(
  'an annotation names the instance, and an empty one blanks it',
  attributes,
  { pod: { annotations: { [own('service.instance.id')]: '' } } },
  { 'service.instance.id': '' },
);
test(
  'an empty annotation is kept as an empty value',
  attributes,
  { pod: { annotations: { [own('team')]: '' } } },
  { team: '' },
);
test(
  'an annotation that is no text is passed over',
  attributes,
  { pod: { annotations: { [own('team')]: 1 } } },
  {},
);
test(
  'what the container states itself is left out of every layer',
  attributes,
  {
    stated: 'team=mine,k8s.container.name=mine,service.namespace=mine,other',
    pod: { annotations: { [own('team')]: 'a', [own('other')]: 'b' } },
    spec: resource({ team: 'c' }),
  },
  { 'k8s.container.name': undefined, 'service.namespace': undefined, other: 'b' },
);
test(
  'outside of a namespace there is no instance',
  attributes,
  { namespace: '' },
  { 'k8s.namespace.name': undefined, 'service.instance.id': undefined, 'service.namespace': '' },
);

const named = test.macro((t, given: Given, expected: string) => {
  const stated = readAttributes(given.stated ?? '');
  t.is(serviceName(subjectOf(given), attributesGiven(given), stated), expected);
});

const useLabels = { defaults: { useLabelsForResourceAttributes: true } };
const labels = { 'app.kubernetes.io/instance': 'instance', 'app.kubernetes.io/name': 'name' };
const everyOwner: readonly Owner[] = [
  { kind: 'job', name: 'job' },
  { kind: 'cronjob', name: 'cronjob' },
  { kind: 'daemonset', name: 'daemonset' },
  { kind: 'statefulset', name: 'statefulset' },
  { kind: 'replicaset', name: 'replicaset' },
  { kind: 'deployment', name: 'deployment' },
];
const without = (...kinds: readonly string[]) =>
  everyOwner.filter(({ kind }) => !kinds.includes(kind));
const everything: Given = {
  pod: { annotations: { [own('service.name')]: 'annotation' }, labels, metadata: { name: 'pod' } },
  spec: useLabels,
  stated: 'service.name=stated',
  owners: everyOwner,
};
const noAnnotation: Given = { ...everything, pod: { labels, metadata: { name: 'pod' } } };
const noLabels: Given = { pod: { metadata: { name: 'pod' } }, owners: everyOwner };

test('a service is called what its annotation says', named, everything, 'annotation');
test('else what the container itself states', named, noAnnotation, 'stated');
test('else the instance label', named, { ...noAnnotation, stated: '' }, 'instance');
test(
  'else the name label',
  named,
  { ...noAnnotation, stated: '', pod: { labels: { 'app.kubernetes.io/name': 'name' } } },
  'name',
);
test(
  'labels count only when the Instrumentation says so',
  named,
  { ...noAnnotation, stated: '', spec: {} },
  'deployment',
);
test('else the Deployment', named, noLabels, 'deployment');
test(
  'else the Rollout, before its ReplicaSet',
  named,
  { ...noLabels, owners: [...without('deployment'), { kind: 'rollout', name: 'rollout' }] },
  'rollout',
);
test('else the ReplicaSet', named, { ...noLabels, owners: without('deployment') }, 'replicaset');
test(
  'else the StatefulSet',
  named,
  { ...noLabels, owners: without('deployment', 'replicaset') },
  'statefulset',
);
test(
  'else the DaemonSet',
  named,
  { ...noLabels, owners: without('deployment', 'replicaset', 'statefulset') },
  'daemonset',
);
test(
  'else the CronJob, before its Job',
  named,
  { ...noLabels, owners: everyOwner.slice(0, 2) },
  'cronjob',
);
test('else the Job', named, { ...noLabels, owners: everyOwner.slice(0, 1) }, 'job');
test('else the pod, if it has a name', named, { ...noLabels, owners: [] }, 'pod');
test('else the container', named, {}, 'app');
test(
  'an empty annotation is no name',
  named,
  { pod: { annotations: { [own('service.name')]: '' } } },
  'app',
);
test('an empty name that the container states is none', named, { stated: 'service.name=' }, 'app');
test(
  'a Deployment that the container states itself names no service',
  named,
  { ...noLabels, stated: 'k8s.deployment.name=x' },
  'replicaset',
);
test(
  'a Deployment that an annotation names does',
  named,
  { ...noLabels, pod: { annotations: { [own('k8s.deployment.name')]: 'mine' } } },
  'mine',
);
test(
  'a Deployment that the Instrumentation names does, for a pod without owners',
  named,
  { spec: resource({ 'k8s.deployment.name': 'mine' }) },
  'mine',
);

const versioned = test.macro((t, given: Given, expected: string | undefined) => {
  t.is(serviceVersion(subjectOf(given)), expected);
});

const version = { labels: { 'app.kubernetes.io/version': '2' } };
test(
  'a version is what the annotation says',
  versioned,
  { pod: { ...version, annotations: { [own('service.version')]: '3' } }, spec: useLabels },
  '3',
);
test(
  'else what the label says, if labels count',
  versioned,
  { pod: version, spec: useLabels },
  '2',
);
test('else what the image says', versioned, { pod: version }, '1.2.3');
test('else there is none', versioned, { container: { image: 'app' } }, undefined);
test('a container without an image has none', versioned, { container: { image: null } }, undefined);

const writes = test.macro((t, pairs: Readonly<Record<string, string>>, expected: string) => {
  const text = writeAttributes(new Map(Object.entries(pairs)));
  t.is(text, expected);
  t.is(writeAttributes(readAttributes(text)), text);
});

test(
  'attributes are written in the order of their bytes',
  writes,
  { b: '1', 'a.b': '2', B: '3', a: '4' },
  'B=3,a=4,a.b=2,b=1',
);
test('an empty value is written', writes, { team: '' }, 'team=');
test(
  'what would end a value early is escaped',
  writes,
  { 'a=b,c': 'd=e,f;g' },
  'a%3Db%2Cc=d%3De%2Cf%3Bg',
);
test(
  'white space, quotes and backslashes are escaped',
  writes,
  { a: 'b c"d\\e\n' },
  'a=b%20c%22d%5Ce%0A',
);
test('letters beyond ASCII are escaped', writes, { a: 'Bücher €' }, 'a=B%C3%BCcher%20%E2%82%AC');
test('a percent sign alone is escaped', writes, { a: '100%', b: '5%zz' }, 'a=100%25,b=5%25zz');
test(
  'what common values are made of is not',
  writes,
  { a: "!#$&'()*+-./09:<>?@AZ[]^_`az{|}~" },
  "a=!#$&'()*+-./09:<>?@AZ[]^_`az{|}~",
);
test(
  'a reference to a variable stays one',
  writes,
  { a: '$(OTEL_NODE_NAME)' },
  'a=$(OTEL_NODE_NAME)',
);

test('what is escaped already stays as it is', (t) => {
  t.is(writeAttributes(new Map([['a', 'b%20c%2C']])), 'a=b%20c%2C');
});

test('half of a pair of surrogates is replaced', (t) => {
  t.is(writeAttributes(new Map([['a', 'x\ud800y']])), 'a=x%EF%BF%BDy');
});

const reads = test.macro((t, text: string, expected: Readonly<Record<string, string>>) => {
  t.deepEqual(Object.fromEntries(readAttributes(text)), expected);
});

test(
  'attributes are read from between the commas, white space around them left out',
  reads,
  ' a=1 , b = 2,',
  { a: '1', b: '2' },
);
test('a value may hold an equals sign', reads, 'a=b=c', { a: 'b=c' });
test('a value may be empty', reads, 'a=', { a: '' });
test('a piece without an equals sign is none', reads, 'a,b=1,,', { b: '1' });
test('escapes are undone', reads, 'a=b%2Cc%3Dd,%C3%BC=1', { a: 'b,c=d', ü: '1' });
test('what is wrongly escaped is read as it is', reads, 'a=100%,b=%ff', { a: '100%', b: '%ff' });
test('of two values of one key the later counts', reads, 'a=1,a=2', { a: '2' });
test('no text is no attributes', reads, '', {});

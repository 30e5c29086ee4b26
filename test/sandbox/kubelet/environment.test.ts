import test from 'ava';
import { environmentOf, expand, type Sources } from '../../../sandbox/kubelet/pod/environment.ts';
import type { Container, Pod, Values } from '../../../sandbox/kubelet/pod/shapes.ts';

const pod = {
  metadata: {
    name: 'cart-0',
    namespace: 'shop',
    uid: 'u-1',
    resourceVersion: '1',
    labels: { app: 'cart', tier: 'back' },
    annotations: { note: 'a "b"' },
  },
  spec: { containers: [], serviceAccountName: 'carter' },
} satisfies Pod;

const sources: Sources = {
  pod,
  facts: { podIp: '10.200.0.7', hostIp: '127.0.0.1', node: 'node-1' },
  objects: new Map<string, Values>([
    ['configmap "settings"', { COLOR: 'red', SIZE: 'small' }],
    ['configmap "more"', { COLOR: 'blue' }],
    ['configmap "raw"', { R: '$(HOME) $$' }],
    ['secret "keys"', { TOKEN: 's3cret' }],
  ]),
};

const variablesOf = (container: Partial<Container>): Values | string => {
  const environment = environmentOf({ name: 'app', image: 'app', ...container }, sources);
  return environment.kind === 'complete' ? environment.variables : environment.message;
};

const given = test.macro({
  exec(t, container: Partial<Container>, expected: Values | string) {
    const variables = variablesOf(container);
    t.deepEqual(variables, expected);
  },
  title: (title) => `variables: ${title}`,
});

const expanded = test.macro({
  exec(t, text: string, expected: string) {
    t.is(expand(text, { A: '1', B: '$(A)', E: '' }), expected);
  },
  title: (_, text, expected) => `${JSON.stringify(text)} becomes ${JSON.stringify(expected)}`,
});

test(expanded, '', '');
test(expanded, 'plain', 'plain');
test(expanded, '$(A)', '1');
test(expanded, 'x$(A)y$(A)z', 'x1y1z');
test(expanded, '$(E)', '');
test(expanded, '$(NONE)', '$(NONE)');
test(expanded, '$(B)', '$(A)');
test(expanded, '$$(A)', '$(A)');
test(expanded, '$$$(A)', '$1');
test(expanded, '$$$$(A)', '$$(A)');
test(expanded, '$$', '$');
test(expanded, '$', '$');
test(expanded, 'cost: 5$', 'cost: 5$');
test(expanded, '$A ${A}', '$A ${A}');
test(expanded, '$(A', '$(A');
test(expanded, '$($(A)', '$($(A)');
test(expanded, '$($$', '$($');
test(expanded, '$()', '$()');
test(expanded, '$(toString)', '$(toString)');
test(expanded, '$(A)$', '1$');
test(expanded, '$ (A)', '$ (A)');
test(expanded, '$(a)', '$(a)');

test(
  'every key of a source is taken, with its prefix',
  given,
  {
    envFrom: [
      { configMapRef: { name: 'settings' } },
      { prefix: 'KEY_', secretRef: { name: 'keys' } },
    ],
  },
  { COLOR: 'red', SIZE: 'small', KEY_TOKEN: 's3cret' },
);

test(
  'a later source wins',
  given,
  {
    envFrom: [{ configMapRef: { name: 'settings' } }, { configMapRef: { name: 'more' } }],
  },
  { COLOR: 'blue', SIZE: 'small' },
);

test(
  'an entry wins over a source',
  given,
  {
    envFrom: [{ configMapRef: { name: 'settings' } }],
    env: [{ name: 'COLOR', value: 'green' }],
  },
  { COLOR: 'green', SIZE: 'small' },
);

test(
  'an entry may add to what a source says of the same name',
  given,
  {
    envFrom: [{ configMapRef: { name: 'more' } }],
    env: [{ name: 'COLOR', value: '$(COLOR) and more' }],
  },
  { COLOR: 'blue and more' },
);

test(
  'an entry that adds to itself without a source stays as it is written',
  given,
  {
    env: [{ name: 'COLOR', value: '$(COLOR) and more' }],
  },
  { COLOR: '$(COLOR) and more' },
);

test(
  'of two entries of one name the later sees the earlier',
  given,
  {
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '$(A)2' },
    ],
  },
  { A: '12' },
);

test(
  'an entry sees those before it, and not those after it',
  given,
  {
    env: [
      { name: 'EARLY', value: '$(LATE)' },
      { name: 'LATE', value: 'now' },
      { name: 'LATER', value: '$(LATE)!' },
    ],
  },
  { EARLY: '$(LATE)', LATE: 'now', LATER: 'now!' },
);

test(
  'values are expanded once',
  given,
  {
    env: [
      { name: 'A', value: '$$(B)' },
      { name: 'B', value: 'b' },
      { name: 'C', value: '$(A)' },
    ],
  },
  { A: '$(B)', B: 'b', C: '$(B)' },
);

test(
  'what comes by reference is not expanded',
  given,
  {
    envFrom: [{ configMapRef: { name: 'raw' } }],
  },
  { R: '$(HOME) $$' },
);

test(
  'an empty or absent value is empty',
  given,
  {
    env: [{ name: 'A', value: '' }, { name: 'B' }],
  },
  { A: '', B: '' },
);

test(
  'values come from keys of ConfigMaps and Secrets',
  given,
  {
    env: [
      { name: 'C', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
      { name: 'T', valueFrom: { secretKeyRef: { name: 'keys', key: 'TOKEN' } } },
      { name: 'BOTH', value: '$(C)-$(T)' },
    ],
  },
  { C: 'red', T: 's3cret', BOTH: 'red-s3cret' },
);

test(
  'a value counts before a reference',
  given,
  {
    env: [{ name: 'C', value: 'v', valueFrom: { configMapKeyRef: { name: 'no', key: 'no' } } }],
  },
  { C: 'v' },
);

test(
  'an absent object holds the container up',
  given,
  {
    env: [{ name: 'C', valueFrom: { secretKeyRef: { name: 'none', key: 'COLOR' } } }],
  },
  'secret "none" not found',
);

test(
  'an absent key holds the container up',
  given,
  {
    env: [{ name: 'C', valueFrom: { configMapKeyRef: { name: 'settings', key: 'NONE' } } }],
  },
  'configmap "settings" has no key NONE',
);

test(
  'an absent source holds the container up',
  given,
  {
    envFrom: [{ secretRef: { name: 'none' } }],
  },
  'secret "none" not found',
);

test(
  'optional references that lead nowhere are left out, with their name',
  given,
  {
    envFrom: [{ secretRef: { name: 'none', optional: true } }],
    env: [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'K', optional: true } } },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'K', optional: true } } },
      { name: 'C', value: '$(A)' },
    ],
  },
  { C: '$(A)' },
);

test(
  'an optional reference that leads nowhere leaves an earlier value alone',
  given,
  {
    envFrom: [{ configMapRef: { name: 'more' } }],
    env: [{ name: 'COLOR', valueFrom: { secretKeyRef: { name: 'no', key: 'K', optional: true } } }],
  },
  { COLOR: 'blue' },
);

const fields = {
  'metadata.name': 'cart-0',
  'metadata.namespace': 'shop',
  'metadata.uid': 'u-1',
  "metadata.labels['app']": 'cart',
  "metadata.labels['none']": '',
  "metadata.annotations['note']": 'a "b"',
  'spec.nodeName': 'node-1',
  'spec.serviceAccountName': 'carter',
  'status.podIP': '10.200.0.7',
  'status.podIPs': '10.200.0.7',
  'status.hostIP': '127.0.0.1',
  'metadata.labels': 'app="cart"\ntier="back"',
};
for (const [fieldPath, value] of Object.entries(fields)) {
  test(
    `the field ${fieldPath}`,
    given,
    {
      env: [{ name: 'F', valueFrom: { fieldRef: { fieldPath } } }],
    },
    { F: value },
  );
}

import test from 'ava';
import { applyPatch as applyByTheBook, type Operation as AnyOperation } from 'rfc6902';
import { admit, patchOf } from '../../../domain/injection/admit.ts';
import { diff, type Operation } from '../../../domain/injection/patch.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { applyPatch, isSame } from '../../../controller/webhook/check/apply.ts';
import { flawIn } from '../../../controller/webhook/check/verify.ts';
import { aContainer, aPod, asking, aWorld, frozen } from '../../support/build.ts';
import { chosenSeed, diceOf, type Dice } from '../../support/dice.ts';

const operation = (op: string, path: string, value?: Json) =>
  (value === undefined ? { op, path } : { op, path, value }) as Operation;

test('a patch is applied as RFC 6902 has it, without touching what was given', (t) => {
  const before = frozen<JsonObject>({ 'a/b~c': { list: [1, 2, 3] }, keep: { deep: true } });
  const after = applyPatch(before, [
    operation('add', '/a~1b~0c/list/1', 9),
    operation('remove', '/a~1b~0c/list/0'),
    operation('replace', '/a~1b~0c/list/2', 8),
    operation('add', '/new', { x: 1 }),
    operation('add', '/new/y', 2),
  ]);
  t.deepEqual(after, {
    'a/b~c': { list: [9, 2, 8] },
    keep: { deep: true },
    new: { x: 1, y: 2 },
  });
  t.is(after?.['keep'], before['keep'], 'what no operation names is shared');
});

test('an operation that an API server would not apply is seen', (t) => {
  const before: JsonObject = { list: [1], text: 'x', object: {}, nothing: null };
  for (const bad of [
    operation('add', '/absent/x', 1),
    operation('remove', '/absent'),
    operation('replace', '/absent', 1),
    operation('add', '/list/2', 1),
    operation('remove', '/list/1'),
    operation('add', '/list/01', 1),
    operation('add', '/list/-1', 1),
    operation('add', '/list/x', 1),
    operation('add', '/text/x', 1),
    operation('add', '/nothing/x', 1),
    operation('add', '', 1),
    operation('add', '/object/__proto__', { polluted: true }),
    operation('add', '/object/constructor/x', 1),
  ]) {
    t.is(applyPatch(before, [bad]), undefined, JSON.stringify(bad));
  }
  t.is(({} as JsonObject)['polluted'], undefined);
});

test('values are the same when their JSON is', (t) => {
  t.true(isSame({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }));
  for (const [one, other] of [
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      [1, 2],
      [2, 1],
    ],
    [{}, []],
    [{ a: null }, {}],
    [1, '1'],
    [null, {}],
  ] as readonly (readonly [Json, Json])[]) {
    t.false(isSame(one, other));
  }
});

function randomValue(dice: Dice, depth = 3): Json {
  const kind = dice.roll(depth === 0 ? 3 : 6);
  if (kind === 0) return dice.roll(5);
  if (kind === 1) return dice.pick(['', 'x', 'ä/~', null]);
  if (kind === 2) return dice.chance(0.5);
  const items = Array.from({ length: dice.roll(4) }, () => randomValue(dice, depth - 1));
  if (kind === 3) return items;
  if (kind === 4)
    return items.map((value, index) => ({ name: dice.pick(['a', 'b', 'c', `${index}`]), value }));
  return Object.fromEntries(items.map((value) => [dice.pick(['a', 'b/c', '~', 'd', '']), value]));
}

test('random differences lead where they should, by our own reading and by the book', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  for (let turn = 0; turn < 3_000; turn += 1) {
    const before = frozen<JsonObject>({ root: randomValue(dice) });
    const after = frozen<JsonObject>({ root: randomValue(dice) });
    const operations = diff(before, after);
    const reached = applyPatch(before, operations);
    t.true(isSame(reached, after), `turn ${turn}`);
    const book = structuredClone(before);
    const errors = applyByTheBook(book, structuredClone(operations) as AnyOperation[]);
    t.true(errors.every((error) => error === null));
    t.deepEqual(book, after);
  }
});

const pod = aPod({
  annotations: asking('java'),
  containers: [
    aContainer({
      env: [{ name: 'A', value: 'a' }],
      volumeMounts: [{ name: 'own', mountPath: '/own' }],
    }),
  ],
  volumes: [{ name: 'own', emptyDir: {} }],
});

const specOf = (of: JsonObject) => of['spec'] as JsonObject;
const first = (of: JsonObject) =>
  (specOf(of)['containers'] as readonly JsonObject[])[0] as JsonObject;
const withSpec = (spec: JsonObject): JsonObject => ({ ...pod, spec: { ...specOf(pod), ...spec } });
const withContainer = (container: JsonObject): JsonObject =>
  withSpec({ containers: [{ ...first(pod), ...container }] });
const withMount = (...mounts: readonly JsonObject[]) =>
  withContainer({ volumeMounts: [...(first(pod)['volumeMounts'] as readonly Json[]), ...mounts] });
const withEnv = (entry: Json) =>
  withContainer({ env: [...(first(pod)['env'] as readonly Json[]), entry] });

function flawOf(after: JsonObject, bytes = 0, operations = diff(pod, after)) {
  return flawIn({ before: pod, after, operations, bytes });
}

test('what injection does has no flaw', (t) => {
  const admission = admit(pod, aWorld());
  if (admission.kind !== 'injected') return t.fail();
  const operations = patchOf(pod, admission);
  t.is(flawIn({ before: pod, after: admission.pod, operations, bytes: 8_000 }), undefined);
  return undefined;
});

const flaws: Readonly<Record<string, JsonObject>> = {
  'two containers of one name': withSpec({ initContainers: [{ name: 'app', image: 'x' }] }),
  'an ephemeral container of the same name': withSpec({
    ephemeralContainers: [{ name: 'app', image: 'x' }],
  }),
  'a container without an image': withSpec({ initContainers: [{ name: 'x' }] }),
  'a container whose image is blank': withSpec({ initContainers: [{ name: 'x', image: ' ' }] }),
  'a container with an impossible name': withSpec({ initContainers: [{ name: 'X_', image: 'x' }] }),
  'a container without a name': withSpec({ initContainers: [{ image: 'x' }] }),
  'two volumes of one name': withSpec({ volumes: [{ name: 'own' }, { name: 'own' }] }),
  'a volume with a long name': withSpec({ volumes: [{ name: 'own' }, { name: 'v'.repeat(64) }] }),
  'a volume with a dot in its name': withSpec({ volumes: [{ name: 'own' }, { name: 'a.b' }] }),
  'a volume that is gone but mounted': withContainer({
    volumeMounts: [{ name: 'gone', mountPath: '/x' }],
  }),
  'two mounts on one path': withMount({ name: 'own', mountPath: '/own' }),
  'a mount on the path of a device': withContainer({
    volumeDevices: [{ name: 'own', devicePath: '/agent' }],
    volumeMounts: [{ name: 'own', mountPath: '/agent' }],
  }),
  'a mount that needs privileges its container has not': withMount({
    name: 'own',
    mountPath: '/x',
    mountPropagation: 'Bidirectional',
  }),
  'a claim whose name would be too long': {
    ...withSpec({ volumes: [{ name: 'own' }, { name: 'agent', ephemeral: {} }] }),
    metadata: { name: 'p'.repeat(250) },
  },
  'a mount without a path': withMount({ name: 'own' }),
  'a variable with value and valueFrom': withEnv({
    name: 'B',
    value: 'b',
    valueFrom: { fieldRef: { fieldPath: 'x' } },
  }),
  'a variable without a source': withEnv({ name: 'B', valueFrom: {} }),
  'a variable with two sources': withEnv({
    name: 'B',
    valueFrom: { fieldRef: {}, secretKeyRef: {} },
  }),
  'a variable with an impossible name': withEnv({ name: '1=B', value: 'b' }),
  'a variable that is a number': withEnv({ name: 'B', value: 1 }),
  'a variable that is no object': withEnv('B=1'),
  'a process namespace of two kinds': withSpec({ hostPID: true, shareProcessNamespace: true }),
  'an annotation that is a number': { ...pod, metadata: { annotations: { a: 1 } } },
  'annotations beyond 256 KiB': { ...pod, metadata: { annotations: { a: '€'.repeat(90_000) } } },
};

for (const [what, after] of Object.entries(flaws)) {
  test(`${what} is a flaw`, (t) => {
    t.is(typeof flawOf(after), 'string');
  });
}

test('a pod that grows beyond what can be stored is a flaw', (t) => {
  t.is(flawOf(pod, 1_000_000), undefined);
  t.is(typeof flawOf(pod, 1_600_000), 'string');
});

test('operations that lead elsewhere, or nowhere, are a flaw', (t) => {
  const after = withEnv({ name: 'B', value: 'b' });
  t.is(flawOf(after), undefined);
  t.is(typeof flawOf(after, 0, []), 'string');
  t.is(typeof flawOf(after, 0, [operation('add', '/spec/nowhere/0', 1)]), 'string');
});

test('what was there before is not judged, however odd', (t) => {
  const odd = aPod({
    containers: [
      aContainer({
        env: [
          { name: 'a b', value: 'x' },
          { name: '=', value: '' },
        ],
      }),
    ],
  });
  const container = first(odd);
  const after = {
    ...odd,
    spec: {
      ...specOf(odd),
      containers: [
        {
          ...container,
          env: [...(container['env'] as readonly Json[]), { name: 'B', value: 'b' }],
        },
      ],
    },
  };
  t.is(flawIn({ before: odd, after, operations: diff(odd, after), bytes: 0 }), undefined);
});

import test from 'ava';
import { Environment, fieldEntry } from '../../../../domain/injection/pod/environment.ts';
import type { EnvEntry } from '../../../../domain/injection/instrumentation/settings.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { aContainer, frozen, written } from '../../../support/build.ts';

const of = (env: readonly JsonObject[], joinEnv: readonly string[] = [], rest: JsonObject = {}) =>
  new Environment(aContainer({ env, ...rest }), frozen(joinEnv));

const plain = (name: string, value: string): EnvEntry => ({ name, value });
const secret = (name: string, rest: JsonObject = {}): EnvEntry => ({
  name,
  valueFrom: { secretKeyRef: { name: 'jvm', key: 'options', ...rest } },
});
const required = frozen([{ configMapRef: { name: 'settings' } }]);
const optional = frozen([{ secretRef: { name: 'settings', optional: true } }]);

const ours = {
  name: 'OPTIONS',
  alone: 'ours',
  around: (current: string) => `<${current}>`,
};

const extended = test.macro((t, env: readonly JsonObject[], expected: readonly string[]) => {
  const environment = of(env);
  t.true(environment.canExtend('OPTIONS'));
  t.true(environment.extend(ours));
  t.deepEqual(written(environment.entries), expected);
});

test(
  'a variable that nobody has set is ours alone, at the end',
  extended,
  [plain('A', '1')],
  ['A=1', 'OPTIONS=ours'],
);
test(
  'a value is kept within ours, at its place',
  extended,
  [plain('OPTIONS', 'x'), plain('A', '1')],
  ['OPTIONS=<x>', 'A=1'],
);
test(
  'an empty value counts as none, but its place is kept',
  extended,
  [plain('OPTIONS', ''), plain('A', '1')],
  ['OPTIONS=ours', 'A=1'],
);
test('an entry without a value counts as empty', extended, [{ name: 'OPTIONS' }], ['OPTIONS=ours']);
test(
  'a null reference is none',
  extended,
  [{ name: 'OPTIONS', value: 'x', valueFrom: null }],
  ['OPTIONS=<x>'],
);
test(
  'of two entries of one name the later counts',
  extended,
  [plain('OPTIONS', 'x'), plain('OPTIONS', 'y')],
  ['OPTIONS=x', 'OPTIONS=<y>'],
);

test('unknown members of an entry survive', (t) => {
  const environment = of([{ ...plain('OPTIONS', 'x'), new: { in: 'the future' } }]);
  environment.extend(ours);
  t.deepEqual(environment.entries, [{ name: 'OPTIONS', value: '<x>', new: { in: 'the future' } }]);
});

test('a required reference moves to a variable of its own, right before ours', (t) => {
  const environment = of([plain('A', '1'), secret('OPTIONS'), plain('B', '2')]);
  t.true(environment.canExtend('OPTIONS'));
  t.true(environment.extend(ours));
  t.deepEqual(environment.entries, [
    plain('A', '1'),
    secret('OTEL_INJECTED_ORIG_OPTIONS'),
    plain('OPTIONS', '<$(OTEL_INJECTED_ORIG_OPTIONS)>'),
    plain('B', '2'),
  ]);
  t.true(environment.has('OTEL_INJECTED_ORIG_OPTIONS'));
});

const kept = test.macro((t, env: readonly JsonObject[]) => {
  const environment = of(env);
  t.false(environment.canExtend('OPTIONS'));
  t.false(environment.extend(ours));
  t.deepEqual(environment.entries, env);
});

test('an optional reference stays as it is', kept, [secret('OPTIONS', { optional: true })]);
test('an optional ConfigMap stays as it is', kept, [
  { name: 'OPTIONS', valueFrom: { configMapKeyRef: { name: 'x', key: 'y', optional: true } } },
]);
const file = { volumeName: 'x', key: 'y', path: 'z' };
test('an optional key of a file stays as it is', kept, [
  { name: 'OPTIONS', valueFrom: { fileKeyRef: { ...file, optional: true } } },
]);
test('a reference to who knows what stays as it is', kept, [
  { name: 'OPTIONS', valueFrom: { vaultKeyRef: { key: 'y' } } },
]);
test('a reference to nothing stays as it is', kept, [{ name: 'OPTIONS', valueFrom: {} }]);
test('a reference stays as it is where the name for it is taken', kept, [
  plain('OTEL_INJECTED_ORIG_OPTIONS', 'mine'),
  secret('OPTIONS'),
]);

for (const [kind, source] of [
  ['field', { fieldRef: { fieldPath: 'metadata.name' } }],
  ['resource', { resourceFieldRef: { resource: 'limits.cpu' } }],
  ['ConfigMap', { configMapKeyRef: { name: 'x', key: 'y', optional: false } }],
  ['file', { fileKeyRef: file }],
] as const) {
  test(`a required reference can be to a ${kind}`, (t) => {
    t.true(of([{ name: 'OPTIONS', valueFrom: source }]).extend(ours));
  });
}

const hidden = test.macro(
  (t, joinEnv: readonly string[], envFrom: readonly JsonObject[], expected: string) => {
    const environment = of([], joinEnv, { envFrom });
    environment.extend(ours);
    t.deepEqual(written(environment.entries), [expected]);
  },
);

test(
  'a hidden value that is to be joined is referred to',
  hidden,
  ['OPTIONS'],
  required,
  'OPTIONS=<$(OPTIONS)>',
);
test(
  'a hidden value that nobody says to join is overridden',
  hidden,
  ['OTHER'],
  required,
  'OPTIONS=ours',
);
test(
  'a hidden value of optional sources alone is never joined',
  hidden,
  ['OPTIONS'],
  optional,
  'OPTIONS=ours',
);
test(
  'one required source among optional ones is enough',
  hidden,
  ['OPTIONS'],
  [...optional, ...required],
  'OPTIONS=<$(OPTIONS)>',
);
test('without hidden sources there is nothing to join', hidden, ['OPTIONS'], [], 'OPTIONS=ours');

test('an entry that can be seen outranks what is to be joined', (t) => {
  const environment = of([plain('OPTIONS', 'x')], ['OPTIONS'], { envFrom: required });
  environment.extend(ours);
  t.deepEqual(written(environment.entries), ['OPTIONS=<x>']);
});

test('a container has hidden sources when it has any envFrom', (t) => {
  t.true(of([], [], { envFrom: optional }).hasHiddenSources);
  t.false(of([], [], { envFrom: [] }).hasHiddenSources);
  t.false(of([]).hasHiddenSources);
});

test('present means an entry of that name, whatever its value', (t) => {
  const environment = of([plain('EMPTY', ''), secret('HIDDEN'), { name: 'BARE' }]);
  for (const name of ['EMPTY', 'HIDDEN', 'BARE']) t.true(environment.has(name));
  for (const name of ['empty', 'toString', '']) t.false(environment.has(name));
  environment.appendMissing([plain('EMPTY', 'x'), plain('HIDDEN', 'x'), plain('BARE', 'x')]);
  t.is(environment.entries.length, 3);
});

test('of a list with one name twice the first is added', (t) => {
  const environment = of([]);
  environment.appendMissing([plain('A', '1'), plain('A', '2')]);
  t.deepEqual(written(environment.entries), ['A=1']);
});

test('what is added whole keeps its reference', (t) => {
  const environment = of([]);
  environment.appendMissing([secret('A')]);
  t.deepEqual(environment.entries, [secret('A')]);
});

test('a plain value is the later one of two, and none where it comes from elsewhere', (t) => {
  const environment = of([plain('A', '1'), plain('A', '2'), secret('B'), { name: 'C' }]);
  t.is(environment.plain('A'), '2');
  t.is(environment.plain('B'), undefined);
  t.is(environment.plain('C'), '');
  t.is(environment.plain('D'), undefined);
});

test('entries are put first, last, and found in their order', (t) => {
  const environment = of([plain('A', '1'), plain('B', '2')]);
  environment.prepend(fieldEntry('IP', 'status.podIP'));
  environment.moveToEnd('A');
  t.deepEqual(written(environment.entries), ['IP from status.podIP', 'B=2', 'A=1']);
  t.true(environment.precedes('IP', 'A'));
  t.false(environment.precedes('A', 'B'));
  t.false(environment.precedes('missing', 'A'));
});

test('an entry of one’s own is moved to the front, unless it depends on others', (t) => {
  const environment = of([plain('A', '1'), plain('OWN', 'mine'), plain('JOINED', '$(A)')]);
  environment.moveToFront(fieldEntry('NEW', 'metadata.name'));
  environment.moveToFront(fieldEntry('OWN', 'metadata.name'));
  environment.moveToFront(fieldEntry('JOINED', 'metadata.name'));
  t.deepEqual(written(environment.entries), [
    'OWN=mine',
    'NEW from metadata.name',
    'A=1',
    'JOINED=$(A)',
  ]);
});

test('moving what is not there changes nothing', (t) => {
  const environment = of([plain('A', '1'), plain('B', '2')]);
  environment.moveToEnd('missing');
  t.deepEqual(written(environment.entries), ['A=1', 'B=2']);
});

test('a reference is seen after an entry, and only after it', (t) => {
  const environment = of([plain('A', '$(X)'), plain('X', '1'), plain('B', 'b-$(X)')]);
  t.true(environment.isReferredToAfter('X'));
  t.false(environment.isReferredToAfter('B'));
  t.false(environment.isReferredToAfter('A'));
  t.true(environment.refersTo('X'));
  t.false(environment.refersTo('B'));
});

test('the container that was given stays as it was', (t) => {
  const container = aContainer({ env: [plain('OPTIONS', 'x'), secret('B')] });
  const before = structuredClone(container);
  const environment = new Environment(container, []);
  environment.extend(ours);
  environment.extend({ ...ours, name: 'B' });
  environment.prepend(plain('C', ''));
  environment.moveToEnd('OPTIONS');
  t.deepEqual(container, before);
});

const refers = (value: string) => of([plain('A', '1'), plain('B', value)]).isReferredToAfter('A');

test('a name behind two dollar signs is text, behind three it is referred to', (t) => {
  for (const value of ['$(A)', 'x$(A)$(C)', '$$$(A)', '$x$(A)']) t.true(refers(value), value);
  for (const value of ['$$(A)', '$$$$(A)', '$(C$(A)', '$(A', '$A', '$((A))', ''])
    t.false(refers(value), value);
});

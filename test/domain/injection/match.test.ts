import test from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import type { Language } from '../../../domain/injection/instrumentation/settings.ts';
import { match, merge, type Match } from '../../../domain/injection/match.ts';
import type { JsonObject } from '../../../domain/json.ts';
import {
  anInstrumentation,
  asking,
  aWorld,
  frozen,
  told,
  type WorldDifferences,
} from '../../support/build.ts';

const key = keys.inject('java');
const of = (value: string | undefined) => frozen(value === undefined ? {} : { [key]: value });

const merged = test.macro(
  (t, namespace: string | undefined, pod: string | undefined, expected: string | undefined) => {
    t.is(merge(of(pod), of(namespace), key), expected);
  },
);

test('where nobody speaks, nothing is asked', merged, undefined, undefined, undefined);
test('a pod in a silent namespace decides: "true"', merged, undefined, 'true', 'true');
test('a pod in a silent namespace decides: "false"', merged, undefined, 'false', 'false');
test('a pod in a silent namespace decides: a name', merged, undefined, 'mine', 'mine');
test('a silent pod follows its namespace: "true"', merged, 'true', undefined, 'true');
test('a pod repeats the "true" of its namespace', merged, 'true', 'true', 'true');
test('a "false" on the pod outranks a "true" on the namespace', merged, 'true', 'false', 'false');
test('a name on the pod outranks a "true" on the namespace', merged, 'true', 'mine', 'mine');
test('a silent pod follows its namespace: "false"', merged, 'false', undefined, 'false');
test('a "true" on the pod outranks a "false" on the namespace', merged, 'false', 'true', 'true');
test('a pod repeats the "false" of its namespace', merged, 'false', 'false', 'false');
test('a name on the pod outranks a "false" on the namespace', merged, 'false', 'mine', 'mine');
test('a silent pod follows its namespace: a name', merged, 'team', undefined, 'team');
test('a name on the namespace outranks a bare "true" on the pod', merged, 'team', 'true', 'team');
test('a "false" on the pod outranks a name on the namespace', merged, 'team', 'false', 'false');
test('of two names the pod’s counts', merged, 'team', 'mine', 'mine');
test('"TRUE" is "true": a name on the namespace outranks it', merged, 'team', 'TRUE', 'team');
test('"FALSE" is "false": a "True" on the pod outranks it', merged, 'FALSE', 'True', 'True');
test('an empty value on the pod counts as absent', merged, 'team', '', 'team');
test('an empty value on the namespace counts as absent', merged, '', 'true', 'true');

test('an annotation that is no text counts as absent', (t) => {
  t.is(merge(frozen({ [key]: 1 }), frozen({ [key]: { a: 'b' } }), key), undefined);
});

const matched = (pod: JsonObject, world: WorldDifferences = {}): Match =>
  match(frozen(pod), aWorld(world));

/** What is asked and where it was found, then what is refused. */
function outcomeOf(found: Match): readonly string[] {
  if (found.kind === 'exempt') return [found.reason];
  const asks = found.asks.map(({ language, instrumentation: { namespace, name }, containers }) =>
    [language, `${namespace}/${name}`, ...(containers ?? [])].join(' '),
  );
  const refusals = found.refusals.map((one) => `${one.language} ${told([one]).join()}`);
  return [...asks, ...refusals];
}

const digestOf = (found: Match) => (found.kind === 'exempt' ? undefined : found.asked);

const asks = test.macro(
  (t, annotations: JsonObject, expected: readonly string[], world: WorldDifferences = {}) => {
    t.deepEqual(outcomeOf(matched(annotations, world)), expected);
  },
);

const everybody: readonly Language[] = [
  'java',
  'nodejs',
  'python',
  'dotnet',
  'go',
  'apache-httpd',
  'nginx',
  'sdk',
];

test('a pod that asks for nothing is exempt', asks, {}, ['NotAsked']);
test('"false" is an opt-out in any case', asks, { [key]: 'False' }, ['OptedOut']);
test('"yes" is a name, not a "true"', asks, { [key]: 'yes' }, [
  'java InstrumentationNotFound shop/yes',
]);
test(
  'a "false" for one language says nothing of another',
  asks,
  { ...asking('nodejs'), [key]: 'false' },
  ['nodejs shop/main'],
);

for (const language of everybody) {
  test(`${language} is asked for by its own annotation, without a list`, asks, asking(language), [
    `${language} shop/main`,
  ]);
}

test('languages are taken in one order, whatever the annotations’', (t) => {
  const list = { [keys.containerNames]: 'app' };
  const found = matched({ ...list, ...asking(...everybody.toReversed()) });
  t.deepEqual(
    outcomeOf(found),
    everybody.map((language) => `${language} shop/main app`),
  );
});

test('the lists of nginx and of the others have the names that the operator gave them', (t) => {
  const prefix = 'instrumentation.opentelemetry.io/';
  t.deepEqual(
    everybody.map((language) => keys.languageContainerNames(language)),
    everybody.map((language) =>
      language === 'nginx'
        ? `${prefix}inject-nginx-container-names`
        : `${prefix}${language}-container-names`,
    ),
  );
});

const list = keys.languageContainerNames('java');

test(
  'a container list is split at commas, and spaces around a name do not matter',
  asks,
  { ...asking('java'), [list]: ' app , web ' },
  ['java shop/main app web'],
);
test('empty elements of a list mean nothing', asks, { ...asking('java'), [list]: ',app,,web,' }, [
  'java shop/main app web',
]);
test(
  'the list for all languages comes before the language’s own',
  asks,
  { ...asking('java'), [list]: 'web', [keys.containerNames]: 'app' },
  ['java shop/main app web'],
);
test(
  'a name that is in both lists counts once',
  asks,
  { ...asking('java'), [list]: 'web,app', [keys.containerNames]: 'app' },
  ['java shop/main app web'],
);
test(
  'a list is merged with that of the namespace as any annotation is',
  asks,
  asking('java'),
  ['java shop/main web'],
  { annotations: { [list]: 'web' } },
);
test(
  'a list with a character that no container name has is refused',
  asks,
  { ...asking('java'), [list]: 'app.web' },
  ['java ContainerListInvalid app.web'],
);
test(
  'a list of nothing but commas is refused, for nobody knows what it means',
  asks,
  { ...asking('java'), [list]: ', ,' },
  ['java ContainerListInvalid'],
);
test(
  'a bad list of a language that nobody asked for harms nobody',
  asks,
  { ...asking('java'), [keys.languageContainerNames('python')]: 'a_b' },
  ['java shop/main'],
);

test('of several languages each needs a list', asks, asking('java', 'python'), [
  'java ContainerNamesNeeded',
  'python ContainerNamesNeeded',
]);
test(
  'of several languages those with a list are given all the same',
  asks,
  { ...asking('java', 'python'), [list]: 'app' },
  ['java shop/main app', 'python ContainerNamesNeeded'],
);
test(
  'two languages may name the same container',
  asks,
  { ...asking('java', 'sdk'), [keys.containerNames]: 'app' },
  ['java shop/main app', 'sdk shop/main app'],
);
test(
  'an annotation that finds no Instrumentation does not cancel the other languages',
  asks,
  { ...asking('nodejs'), [key]: 'ghost', [keys.containerNames]: 'app' },
  ['nodejs shop/main app', 'java InstrumentationNotFound shop/ghost'],
);
test(
  'a language that is switched off is refused, and the other needs no list for its sake',
  asks,
  asking('java', 'nodejs'),
  ['nodejs shop/main', 'java LanguageDisabled'],
  { defaults: { disabled: ['java'] } },
);

test('platform and runtime come along as written', (t) => {
  const found = matched(
    {
      ...asking('python', 'dotnet', 'java'),
      [keys.containerNames]: 'app',
      [keys.pythonPlatform]: 'MUSL',
    },
    { annotations: { [keys.dotnetRuntime]: 'linux-musl-x64' } },
  );
  t.deepEqual(
    found.kind === 'exempt' ? [] : found.asks.map(({ language, platform }) => [language, platform]),
    [
      ['java', undefined],
      ['python', 'MUSL'],
      ['dotnet', 'linux-musl-x64'],
    ],
  );
});

test('the variables to join are read from pod or namespace', (t) => {
  const found = matched(asking('java'), { annotations: { [keys.joinEnv]: 'A, B,' } });
  t.deepEqual(found.kind === 'exempt' ? [] : found.joinEnv, ['A', 'B']);
});

const digested = test.macro(
  (t, changed: readonly [JsonObject, WorldDifferences?], isEqual: boolean) => {
    t.is(digestOf(matched(...changed)) === digestOf(matched(asking('java'))), isEqual);
  },
);

const named = (name: string, labels = {}) =>
  anInstrumentation({}, { name, labels, resourceVersion: name });
const spec = (value: JsonObject) => ({ instrumentations: [anInstrumentation(value)] });

test('what was asked is told by a digest of 16 hexadecimal digits', (t) => {
  t.regex(digestOf(matched(asking('java'))) ?? '', /^[0-9a-f]{16}$/);
});
test('the same question has the same digest', digested, [asking('java')], true);
test(
  'annotations that ask us nothing change no digest',
  digested,
  [{ ...asking('java'), 'sidecar.istio.io/inject': 'true', 'resource.opentelemetry.io/team': 'a' }],
  true,
);
test(
  'who speaks, pod or namespace, changes no digest',
  digested,
  [{}, { annotations: asking('java') }],
  true,
);
test(
  'the name of an Instrumentation changes no digest',
  digested,
  [{ [key]: 'renamed' }, { instrumentations: [named('renamed', { team: 'a' })] }],
  true,
);
test(
  'the namespace of an Instrumentation changes no digest',
  digested,
  [{ [key]: 'infra/main' }, { instrumentations: [anInstrumentation({}, { namespace: 'infra' })] }],
  true,
);
test(
  'a Python setting changes no Java digest',
  digested,
  [asking('java'), spec({ python: { image: 'mine/python:1', env: [{ name: 'A', value: 'b' }] } })],
  true,
);
test(
  'default images change no digest of what was asked',
  digested,
  [asking('java'), { defaults: { images: { ...aWorld().defaults.images, java: 'mine/java:2' } } }],
  true,
);
test(
  'a setting of the language changes the digest',
  digested,
  [asking('java'), spec({ java: { image: 'mine/java:2' } })],
  false,
);
test(
  'a setting for all languages changes the digest',
  digested,
  [asking('java'), spec({ propagators: ['b3'] })],
  false,
);
test(
  'a container list changes the digest',
  digested,
  [{ ...asking('java'), [list]: 'app' }],
  false,
);
test(
  'a further language changes the digest',
  digested,
  [{ ...asking('java', 'sdk'), [keys.containerNames]: 'app' }],
  false,
);
test(
  'a variable to join changes the digest',
  digested,
  [{ ...asking('java'), [keys.joinEnv]: 'JAVA_TOOL_OPTIONS' }],
  false,
);
test(
  'an Instrumentation that is missing changes the digest',
  digested,
  [asking('java'), { instrumentations: [] }],
  false,
);

const onMusl = (language: Language) =>
  digestOf(matched({ ...asking(language), [keys.pythonPlatform]: 'musl' }));

test('a platform changes the digest of its own language alone', (t) => {
  t.not(onMusl('python'), digestOf(matched(asking('python'))));
  t.is(onMusl('java'), digestOf(matched(asking('java'))));
});

const defaultsOf = (found: Match) => (found.kind === 'exempt' ? undefined : found.defaults);
const withImages = (change: JsonObject): WorldDifferences => ({
  defaults: { images: { ...aWorld().defaults.images, ...change } },
});

test('the default image of a language that is asked for changes what was filled in', (t) => {
  const before = defaultsOf(matched(asking('java')));
  t.not(defaultsOf(matched(asking('java'), withImages({ java: 'mine/java:2' }))), before);
  t.is(defaultsOf(matched(asking('java'), withImages({ python: 'mine/python:2' }))), before);
});

test('nothing is filled in for an Instrumentation that names its own image', (t) => {
  const own = spec({ java: { image: 'mine/java:2' } });
  const before = defaultsOf(matched(asking('java'), own));
  const after = matched(asking('java'), { ...own, ...withImages({ java: 'release/java:3' }) });
  t.is(defaultsOf(after), before);
});

test('a switch changes what was filled in, not what was asked', (t) => {
  const before = matched(asking('java'));
  const after = matched(asking('java'), { defaults: { disabled: ['java'] } });
  t.is(digestOf(after), digestOf(before));
  t.not(defaultsOf(after), defaultsOf(before));
});

import test from 'ava';
import { images } from '../../../config/images.ts';
import { annotations as keys } from '../../../crds/names.ts';
import type { Language } from '../../../domain/injection/instrumentation/settings.ts';
import { languages } from '../../../domain/injection/instrumentation/settings.ts';
import type { JsonObject } from '../../../domain/json.ts';
import {
  aContainer,
  admitted,
  anInstrumentation,
  asking,
  containerOf,
  podOf,
  refusalsOf,
  type Scene,
} from '../../support/build.ts';

const list = (language: Language, names: string) => ({
  [keys.languageContainerNames(language)]: names,
});
const two = { containers: [aContainer({ name: 'a' }), aContainer({ name: 'b' })] };
const javaAndPython = { ...asking('python'), ...list('java', 'a'), ...list('python', 'b') };
const givenTo = (admission: ReturnType<typeof admitted>) =>
  admission.kind === 'injected'
    ? admission.given.map(({ language, instrumentation, containers }) =>
        [language, instrumentation, ...containers].join(' '),
      )
    : [];

test('each language is given in the containers that it names', (t) => {
  const admission = admitted('java', { pod: two, annotations: javaAndPython });
  t.deepEqual(givenTo(admission), ['java shop/main a', 'python shop/main b']);
  t.deepEqual(
    podOf(admission).initContainers.map(({ name }) => name),
    ['opentelemetry-auto-instrumentation-java', 'opentelemetry-auto-instrumentation-python'],
  );
});

test('each language may have its own Instrumentation', (t) => {
  const admission = admitted('java', {
    pod: two,
    annotations: { ...javaAndPython, [keys.inject('python')]: 'infra/shared' },
    world: {
      instrumentations: [
        anInstrumentation(),
        anInstrumentation({ python: { image: 'p:1' } }, { name: 'shared', namespace: 'infra' }),
      ],
    },
  });
  t.deepEqual(givenTo(admission), ['java shop/main a', 'python infra/shared b']);
  t.is(containerOf(admission, 'opentelemetry-auto-instrumentation-python')['image'], 'p:1');
});

test('a language that is refused leaves no trace, and the others are given', (t) => {
  const annotations = { ...javaAndPython, [keys.pythonPlatform]: 'windows' };
  const admission = admitted('java', { pod: two, annotations });
  t.deepEqual(givenTo(admission), ['java shop/main a']);
  t.deepEqual(refusalsOf(admission), ['UnsupportedPlatform windows']);
  t.deepEqual(containerOf(admission, 'b'), aContainer({ name: 'b' }));
  t.is(podOf(admission).volumes.length, 1);
});

test('a setting that spoils one language does not spoil the others', (t) => {
  const admission = admitted('java', {
    pod: two,
    annotations: javaAndPython,
    spec: { python: { env: [{ name: 'A=B' }] } },
  });
  t.deepEqual(givenTo(admission), ['java shop/main a']);
  t.deepEqual(refusalsOf(admission), [
    'InstrumentationInvalid spec.python.env[0].name: is no name a variable can have',
  ]);
});

test('a setting that spoils all is told once for each', (t) => {
  const spec = { imagePullPolicy: 'Sometimes' };
  const admission = admitted('java', { pod: two, annotations: javaAndPython, spec });
  t.is(admission.kind, 'declined');
  t.is(refusalsOf(admission).length, 2);
});

test('the image is the Instrumentation’s, or else the installation’s', (t) => {
  const name = 'opentelemetry-auto-instrumentation-java';
  const image = (spec: JsonObject, world: Scene['world'] = {}) =>
    containerOf(admitted('java', { spec, world }), name)['image'];
  t.is(image({}), images.java);
  t.is(image({ java: { image: 'mine:1' } }), 'mine:1');
});

for (const language of languages.filter((one) => one !== 'sdk')) {
  test(`${language} brings files, which Windows cannot run`, (t) => {
    const admission = admitted(language, {
      pod: { nodeSelector: { 'kubernetes.io/os': 'windows' } },
      annotations: { [keys.goTargetExecutable]: '/app' },
    });
    t.deepEqual(refusalsOf(admission), ['UnsupportedPlatform windows']);
  });
}

test('sdk brings none, so Windows is no obstacle', (t) => {
  t.is(admitted('sdk', { pod: { os: { name: 'windows' } } }).kind, 'injected');
});

const many = (count: number) => Array.from({ length: count }, (_, index) => `app-${index}`);
const sized = test.macro((t, scene: Scene, reason: string | undefined) => {
  t.is(refusalsOf(admitted('java', scene))[0], reason);
});
const serving = (count: number): Scene => ({
  pod: { containers: many(count).map((name) => aContainer({ name })) },
  annotations: list('java', many(count).join(',')),
});
const variables = (count: number) => many(count).map((name) => ({ name, value: '' }));

test('a pod of a hundred containers is served', sized, serving(100), undefined);
test('a pod of a thousand containers is too large', sized, serving(1_000), 'TooLarge');
test(
  'a container of a thousand variables is served',
  sized,
  { container: { env: variables(1_000) } },
  undefined,
);
test(
  'a container of a hundred thousand variables is too large',
  sized,
  { container: { env: variables(100_000) } },
  'TooLarge',
);
test(
  'an Instrumentation of a thousand variables is too large for a hundred containers',
  sized,
  { ...serving(100), spec: { env: variables(1_000) } },
  'TooLarge',
);
test(
  'a megabyte of annotations is too large',
  sized,
  { annotations: { note: 'x'.repeat(2 ** 20) } },
  'TooLarge',
);

test('a variable that no process could be started with is too large', (t) => {
  for (const text of ['x'.repeat(140_000), ','.repeat(45_000)]) {
    const annotations = { 'resource.opentelemetry.io/a': text };
    t.like(admitted('sdk', { annotations }), { kind: 'declined', reason: 'TooLarge' });
  }
});

import test from 'ava';
import { indexInstrumentations, select } from '../../../domain/injection/selector.ts';
import { anInstrumentation } from '../../support/build.ts';

const named = (name: string, namespace: string) => anInstrumentation({}, { name, namespace });
const all = indexInstrumentations([
  named('main', 'shop'),
  named('main', 'infra'),
  named('java', 'infra'),
  named('true', 'odd'),
  named('a/b', 'odd'),
]);

const selects = test.macro((t, value: string, namespace: string, expected: string) => {
  const found = select(value, namespace, all);
  const text =
    found.kind === 'none'
      ? `${found.reason} ${found.detail}`
      : `${found.instrumentation.namespace}/${found.instrumentation.name}`;
  t.is(text, expected);
});

test('"true" means the only one of the namespace', selects, 'true', 'shop', 'shop/main');
test('"TRUE" means the same', selects, 'TRUE', 'shop', 'shop/main');
test('"true" is refused where there is none', selects, 'true', 'empty', 'NoInstrumentation empty');
test(
  '"true" is refused where there are several',
  selects,
  'true',
  'infra',
  'SeveralInstrumentationsSelect infra',
);
test('"true" never means one that is called so', selects, 'odd/true', 'shop', 'odd/true');
test('a name is looked for in the pod’s namespace', selects, 'java', 'infra', 'infra/java');
test(
  'a name of another namespace is not found',
  selects,
  'java',
  'shop',
  'InstrumentationNotFound shop/java',
);
test('a namespace and a name are taken as written', selects, 'infra/java', 'shop', 'infra/java');
test('a value is split at its first slash', selects, 'odd/a/b', 'shop', 'odd/a/b');
test('a value is not trimmed', selects, ' main', 'shop', 'InstrumentationNotFound shop/ main');
test('names are told apart by case', selects, 'Main', 'shop', 'InstrumentationNotFound shop/Main');
test(
  'no namespace before the slash finds nothing',
  selects,
  '/main',
  'shop',
  'InstrumentationNotFound /main',
);
test(
  'no name behind the slash finds nothing',
  selects,
  'shop/',
  'shop',
  'InstrumentationNotFound shop/',
);
test(
  'a name that every object answers to finds nothing',
  selects,
  'constructor',
  'toString',
  'InstrumentationNotFound toString/constructor',
);

test('of two Instrumentations with one name the later stands', (t) => {
  const index = indexInstrumentations([
    named('main', 'shop'),
    anInstrumentation({ propagators: ['b3'] }),
  ]);
  const found = select('true', 'shop', index);
  t.deepEqual(found.kind === 'selected' ? found.instrumentation.shared.propagators : found.reason, [
    'b3',
  ]);
});

test('what could not be read is neither said to be there nor to be missing', (t) => {
  const seen = indexInstrumentations(
    [named('main', 'shop')],
    (namespace, name) => namespace === 'bank' || (namespace === 'infra' && name === 'java'),
  );
  const reasonOf = (value: string, namespace: string) => {
    const found = select(value, namespace, seen);
    return found.kind === 'none' ? found.reason : found.kind;
  };
  t.is(reasonOf('infra/java', 'shop'), 'InstrumentationUnreadable');
  t.is(reasonOf('infra/main', 'shop'), 'InstrumentationNotFound');
  t.is(reasonOf('true', 'bank'), 'InstrumentationUnreadable');
  t.is(reasonOf('true', 'shop'), 'selected');
  t.is(reasonOf('main', 'shop'), 'selected');
});

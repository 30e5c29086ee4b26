import test from 'ava';
import {
  readObservedInstrumentation,
  referencesOf,
  referredToAs,
} from '../../../../domain/restart/records/instrumentation.ts';

const inject = (language: string) => `instrumentation.opentelemetry.io/inject-${language}`;
const shop = { name: 'shop', annotations: {} };

test('an Instrumentation keeps what it asks for and what was said of it', (t) => {
  const status = { observedGeneration: 2, breaker: { since: 'then' }, ours: { unknown: true } };
  const read = readObservedInstrumentation({
    metadata: {
      name: 'main',
      namespace: 'shop',
      uid: 'i',
      generation: 2,
      annotations: { 'otel-retrofit.dev/resume': 'then' },
      managedFields: [{}],
    },
    spec: { exporter: { endpoint: 'http://collector:4317' } },
    status,
  });
  t.like(read, {
    name: 'main',
    generation: 2,
    annotations: { 'otel-retrofit.dev/resume': 'then' },
  });
  t.is(read?.status, status);
  t.is(read?.settings.shared.endpoint, 'http://collector:4317');
  t.deepEqual(readObservedInstrumentation({ metadata: { name: 'bare' } })?.status, {});
  t.is(readObservedInstrumentation({}), undefined);
});

test('a pod names an Instrumentation of its namespace, of another, or the only one', (t) => {
  t.deepEqual(referencesOf({ [inject('java')]: 'main' }, shop), ['shop/main']);
  t.deepEqual(referencesOf({ [inject('java')]: 'ops/main' }, shop), ['ops/main']);
  t.deepEqual(referencesOf({ [inject('java')]: 'True' }, shop), ['shop/*']);
  t.deepEqual(referencesOf({ [inject('java')]: 'true', [inject('nodejs')]: 'true' }, shop), [
    'shop/*',
  ]);
});

test('a pod that asks for nothing, or wants nothing, names none', (t) => {
  t.deepEqual(referencesOf({}, shop), []);
  t.deepEqual(referencesOf({ [inject('java')]: 'false' }, shop), []);
  const asking = { name: 'shop', annotations: { [inject('java')]: 'ops/main' } };
  t.deepEqual(referencesOf({ [inject('java')]: 'false' }, asking), []);
});

test('the namespace asks for all that is in it', (t) => {
  const asking = { name: 'shop', annotations: { [inject('java')]: 'ops/main' } };
  t.deepEqual(referencesOf({}, asking), ['ops/main']);
  t.deepEqual(referencesOf({ [inject('java')]: 'true' }, asking), ['ops/main']);
  t.deepEqual(referencesOf({ [inject('java')]: 'own' }, asking), ['shop/own']);
});

test('an Instrumentation is meant by its name, and may be as the only one of its namespace', (t) => {
  t.deepEqual(referredToAs({ namespace: 'shop', name: 'main' }), ['shop/main', 'shop/*']);
});

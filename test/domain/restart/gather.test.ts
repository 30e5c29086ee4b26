import test from 'ava';
import { admit } from '../../../domain/injection/admit.ts';
import { wantedOf } from '../../../domain/restart/gather.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { anInstrumentation, aWorld } from '../../support/build.ts';
import { aMarker, aSnapshot, aWorkload, day, hour, noon } from '../../support/restart.ts';

const java = 'instrumentation.opentelemetry.io/inject-java';

test('a snapshot lists revisions newest first, by their number and not by their birth', (t) => {
  const snapshot = aSnapshot({
    revisions: [
      { number: 2, age: hour },
      { number: 10, age: day },
      { number: 9, age: 1 },
    ],
  });
  t.deepEqual(
    snapshot.revisions.map(({ number }) => number),
    [10, 9, 2],
  );
});

test('a snapshot holds the pods that live', (t) => {
  const { pods } = aSnapshot({
    pods: [{}, { isGoing: true }, { phase: 'Failed' }, { phase: 'Pending' }],
  });
  t.deepEqual(
    pods.map(({ name }) => name),
    ['cart-0', 'cart-3'],
  );
});

test('a snapshot knows since when there is something to ask for', (t) => {
  t.like(aSnapshot().askedSince, { instrumentation: noon - 1_800, request: undefined });
});

test('the wanted stamp is the one that the webhook writes on a pod of the template', (t) => {
  const workload = aWorkload({ marker: aMarker(3, hour) });
  const world = aWorld({ instrumentations: [anInstrumentation()] });
  const metadata = { ...objectAt(workload.template, 'metadata'), generateName: 'cart-1-' };
  const admission = admit({ ...workload.template, metadata }, world);
  const wanted = wantedOf(workload, world);
  if (wanted.kind !== 'given' || admission.kind !== 'injected') return t.fail();
  t.deepEqual(wanted.stamp, admission.stamp);
  t.deepEqual(wanted.languages, ['java']);
  const annotations = objectAt(objectAt(admission.pod, 'metadata') ?? {}, 'annotations') ?? {};
  t.is(
    textAt(annotations, 'otel-retrofit.dev/injected'),
    `v1.${wanted.stamp.asked}.${wanted.stamp.defaults}`,
  );
  return undefined;
});

test('a restart of ours changes nothing about what is wanted', (t) => {
  const world = aWorld();
  t.deepEqual(
    wantedOf(aWorkload(), world),
    wantedOf(aWorkload({ marker: aMarker(1, hour) }), world),
  );
});

test('what is wanted names the Instrumentations that govern it', (t) => {
  const other = anInstrumentation({}, { name: 'special', namespace: 'obs' });
  const instrumentations = [anInstrumentation(), other];
  const namesFor = (templateAnnotations: JsonObject, annotations: JsonObject = {}) => {
    const wanted = wantedOf(
      aWorkload({ templateAnnotations }),
      aWorld({ instrumentations, annotations }),
    );
    return wanted.kind === 'nothing' ? wanted.reason : wanted.instrumentations;
  };
  t.deepEqual(namesFor({}), ['shop/main']);
  t.deepEqual(namesFor({ [java]: 'obs/special' }), ['obs/special']);
  t.deepEqual(namesFor({ [java]: 'ghost' }), []);
  t.deepEqual(namesFor({ [java]: 'true' }, { [java]: 'obs/special' }), ['obs/special']);
  t.is(namesFor({ [java]: 'false' }), 'OptedOut');
});

test('what is refused names its Instrumentation all the same', (t) => {
  const wanted = wantedOf(
    aWorkload({
      templateAnnotations: { 'instrumentation.opentelemetry.io/java-container-names': 'ghost' },
    }),
    aWorld(),
  );
  t.like(wanted, { kind: 'refused', reason: 'UnknownContainer', instrumentations: ['shop/main'] });
});

import test from 'ava';
import { marks } from '../../../crds/names.ts';
import { answerPod, type Surroundings } from '../../../controller/webhook/admission.ts';
import { createRepeats } from '../../../controller/webhook/repeats/repeats.ts';
import { parseReview } from '../../../controller/webhook/review.ts';
import { createBook, namespaceOf } from '../../../controller/surroundings/book.ts';
import { images } from '../../../config/images.ts';
import { readInstrumentation } from '../../../domain/injection/instrumentation/read.ts';
import { readLimitRange } from '../../../domain/injection/pod/limit-range.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { aPod, asking } from '../../support/build.ts';
import { chosenSeed, diceOf } from '../../support/dice.ts';
import { randomCase, worldOf } from '../../support/random.ts';
import { around, aReview, bytesOf, reviewOf } from './support.ts';

/** A webhook that is asked about one pod after the other, and has seen pods of these names before. */
function asked(surroundings: Surroundings, mostCharacters?: number) {
  const repeats = createRepeats(surroundings, mostCharacters);
  const ask = (pod: JsonObject, differences?: JsonObject) => {
    const bytes = bytesOf(aReview(pod, differences));
    const outcome = parseReview(bytes, () => false, repeats.isFamiliar);
    if (outcome.kind === 'refused') throw new Error(outcome.problem);
    const { review } = outcome;
    return { ...repeats.answer(review), isRead: 'spec' in (review.object ?? {}) };
  };
  for (const namespace of ['shop', 'other']) ask(aPod(), { namespace });
  return ask;
}

/** Two pods that one ReplicaSet makes differ so. */
function twin(pod: JsonObject, suffix: string, second: number): JsonObject {
  const time = `2027-01-01T00:00:0${second}Z`;
  const volume = `kube-api-access-${suffix}`;
  const { metadata, spec } = pod as { metadata: JsonObject; spec: JsonObject };
  const { volumes = [], containers } = spec as Record<string, readonly JsonObject[]>;
  const mount = { name: volume, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  return {
    ...pod,
    metadata: {
      ...metadata,
      managedFields: [{ manager: 'controller', time, fieldsType: 'FieldsV1', fieldsV1: {} }],
    },
    spec: {
      ...spec,
      volumes: [...volumes, { name: volume, projected: {} }],
      containers: (containers ?? []).map((one) => ({
        ...one,
        volumeMounts: [
          ...((one['volumeMounts'] as readonly JsonObject[] | undefined) ?? []),
          mount,
        ],
      })),
    },
  };
}

const java = aPod({ annotations: asking('java') });

test('a pod like an earlier one is answered as that one was, and not read', (t) => {
  const ask = asked(around());
  const first = ask(twin(java, 'ab12c', 1));
  const second = ask(twin(java, 'xy34z', 2));
  t.is(first.fact.type, 'PodInjected');
  t.deepEqual([first.isRead, second.isRead], [true, false]);
  t.deepEqual({ ...second, isRead: true }, first);
});

test('a pod that differs in anything else is decided by itself', (t) => {
  const ask = asked(around());
  ask(twin(java, 'ab12c', 1));
  const others = [
    aPod({ annotations: { ...asking('java'), team: 'shop' } }),
    aPod({ annotations: asking('nodejs') }),
    { ...java, kind: 'Other' },
  ];
  for (const pod of others) t.true(ask(twin(pod, 'ab12c', 1)).isRead);
  t.true(ask(twin(java, 'ab12c', 1), { namespace: 'other' }).isRead);
});

test('the first pod of its name is remembered for nobody', (t) => {
  const ask = asked(around());
  const pod = aPod({ annotations: asking('java'), metadata: { generateName: 'web-' } });
  t.deepEqual([ask(pod).isRead, ask(pod).isRead, ask(pod).isRead], [true, true, false]);
});

test('what is asked as a dry run is decided by itself, and remembered for nobody', (t) => {
  const ask = asked(around());
  const probe = aPod({ annotations: { [marks.probe]: 'nonce' } });
  t.is(ask(probe, { dryRun: true }).fact.type, 'ProbeAnswered');
  ask(java, { dryRun: true });
  t.true(ask(java).isRead);
  const dry = ask(java, { dryRun: true });
  t.like(dry.fact, { type: 'PodInjected', dryRun: true });
});

const agents = (endpoint: string) =>
  readInstrumentation({
    metadata: { name: 'agents', namespace: 'shop' },
    spec: { exporter: { endpoint } },
  });

const tight = readLimitRange({
  metadata: { name: 'small' },
  spec: { limits: [{ type: 'Container', max: { cpu: '1m' } }] },
});

test('when an Instrumentation, a Namespace or a LimitRange was written, pods are decided anew', (t) => {
  const book = createBook({ images, disabled: [] });
  const ask = asked(book);
  const answers = [
    () => undefined,
    () => book.putInstrumentation('shop/agents', agents('http://one:4318')),
    () => book.putInstrumentation('shop/agents', agents('http://two:4318')),
    () => book.putLimitRange('other/small', tight),
    () => book.putLimitRange('shop/small', tight),
    () => book.putLimitRange('shop/small', undefined),
    () => book.putInstrumentation('other/agents', agents('http://two:4318')),
    () => book.putNamespace('shop', namespaceOf({ annotations: asking('nodejs') })),
    () => book.clear(),
  ].map((change) => {
    change();
    const first = ask(java);
    t.deepEqual({ ...ask(java), isRead: first.isRead }, first);
    t.deepEqual(first.answer, answerPod(reviewOf(java), book).answer);
    return first.answer.patch ?? '';
  });
  t.is(new Set(answers).size, 5);
});

test('whatever else changes in what is known of a namespace, pods are decided anew', (t) => {
  const { worldOf: usual, fingerprint } = around();
  let novelty = {};
  const novel = (name: string) => {
    const world = usual(name);
    return { ...world, namespace: { ...world.namespace, novelty } };
  };
  const ask = asked({ worldOf: novel, fingerprint });
  t.deepEqual([ask(java).isRead, ask(java).isRead], [true, false]);
  novelty = {};
  t.true(ask(java).isRead);
});

test('an answer that names the volume of one pod is for that pod alone', (t) => {
  const ask = asked(around());
  const pod = aPod({
    annotations: asking('java'),
    containers: [{ name: 'kube-api-access-ab12c', image: 'app' }],
  });
  t.true(ask(pod).isRead);
  t.true(ask(pod).isRead);
});

test('it remembers as much as it may, and the latest', (t) => {
  const pods = [1, 2, 3, 4].map((index) =>
    aPod({ annotations: { ...asking('java'), index: String(index) } }),
  );
  const ask = asked(around(), 2.5 * JSON.stringify(pods[0]).length);
  for (const pod of pods) ask(pod);
  t.deepEqual(
    pods.toReversed().map((pod) => ask(pod).isRead),
    [false, false, true, true],
  );
});

test('random pods are answered alike, whether others were like them or not', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  let unread = 0;
  for (let turn = 0; turn < 1_000; turn += 1) {
    const one = randomCase(dice);
    const surroundings = around(worldOf(one));
    const ask = asked(surroundings);
    for (const [suffix, second] of [
      ['ab12c', 1],
      ['cd56e', 1],
      ['xy34z', 2],
    ] as const) {
      const pod = twin(one.pod, suffix, second);
      const { isRead, ...decision } = ask(pod);
      t.deepEqual(decision, answerPod(reviewOf(pod), surroundings), `turn ${turn}`);
      if (!isRead) unread += 1;
    }
  }
  t.log(`${unread} were not read`);
  t.true(unread > 500);
});

import test from 'ava';
import { applyPatch as applyByTheBook, type Operation as AnyOperation } from 'rfc6902';
import { marks } from '../../../crds/names.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { isObject, objectAt, textAt } from '../../../domain/json.ts';
import { warningsOf } from '../../../controller/webhook/warnings.ts';
import type { Refusal } from '../../../domain/injection/match.ts';
import { reasons, type Reason } from '../../../domain/reasons.ts';
import { answerPod } from '../../../controller/webhook/admission.ts';
import { languages } from '../../../domain/injection/instrumentation/settings.ts';
import { parseReview } from '../../../controller/webhook/review.ts';
import { answerInstrumentation } from '../../../controller/webhook/validation.ts';
import { aPod, asking, aWorld, aContainer } from '../../support/build.ts';
import { chosenSeed, diceOf } from '../../support/dice.ts';
import { fixtures } from '../../support/fixtures.ts';
import { randomCase, worldOf } from '../../support/random.ts';
import { problemsOf } from '../../support/validity.ts';
import { aReview, around, operationsIn, patched, reviewOf } from './support.ts';

const markOf = (pod: JsonObject, key: string) =>
  textAt(objectAt(objectAt(pod, 'metadata') ?? {}, 'annotations') ?? {}, key);

const java = aPod({ annotations: asking('java') });

test('a pod that asks gets a patch, a stamp and a line in the audit log', (t) => {
  const { answer, fact } = answerPod(reviewOf(java), around());
  t.true(answer.allowed);
  t.truthy(markOf(patched(java, answer.patch), marks.injected));
  t.deepEqual(answer.audit, { injected: 'java=shop/main:app' });
  t.like(fact, { type: 'PodInjected', pod: { namespace: 'shop', name: 'app-' }, dryRun: false });
});

test('a pod that asks for nothing gets nothing, not even a warning', (t) => {
  const { answer, fact } = answerPod(reviewOf(aPod()), around());
  t.deepEqual(answer, { allowed: true });
  t.like(fact, { type: 'PodUnchanged', reason: 'NotAsked' });
});

test('a pod that asks in vain is marked, and its creator told why and what to do', (t) => {
  const world = aWorld({ instrumentations: [] });
  const { answer, fact } = answerPod(reviewOf(java), around(world));
  t.true(answer.allowed);
  t.regex(markOf(patched(java, answer.patch), marks.declined) ?? '', /\.NoInstrumentation$/);
  t.deepEqual(answer.audit, { refused: 'java=NoInstrumentation' });
  t.deepEqual(answer.warnings, [
    'otel-retrofit: java not injected: The annotation says "true" and the namespace holds no Instrumentation. [shop] Create an Instrumentation in the namespace, or name one elsewhere: inject-java: "<namespace>/<name>".',
  ]);
  t.like(fact, { type: 'PodDeclined', reason: 'NoInstrumentation' });
});

test('one reason for several languages is one warning', (t) => {
  const pod = aPod({ annotations: asking('java', 'nodejs', 'python') });
  const { answer } = answerPod(reviewOf(pod), around(aWorld({ instrumentations: [] })));
  t.is(answer.warnings?.length, 1);
  t.regex(
    answer.warnings?.[0] ?? '',
    /^otel-retrofit: java, nodejs, python not injected: .*inject-<language>/,
  );
});

test('what may surprise is a warning too, after what was refused', (t) => {
  const containers = { 'instrumentation.opentelemetry.io/container-names': 'app,ghost' };
  const pod = aPod({ annotations: { ...asking('java'), ...containers } });
  const { answer } = answerPod(reviewOf(pod), around());
  t.regex(answer.warnings?.[0] ?? '', /java not injected \(container ghost\): /);
  t.regex(answer.warnings?.[1] ?? '', /java \(container app\): No endpoint is set/);
});

test('a Job that asks for the Go agent is warned of, for it would never complete', (t) => {
  const ownerReferences = [{ kind: 'Job', name: 'import', uid: 'u1', controller: true }];
  const annotations = {
    ...asking('go'),
    'instrumentation.opentelemetry.io/otel-go-auto-target-exe': '/app/import',
  };
  const pod = aPod({ annotations, metadata: { ownerReferences } });
  const { answer } = answerPod(reviewOf(pod), around());
  t.true(
    answer.warnings?.includes(
      'otel-retrofit: go (container app): The Go agent runs on when the work is done, so the Job never completes. Say inject-go: "false" on the pod template of the Job.',
    ),
    answer.warnings?.join('\n'),
  );
});

test('a warning that would be cut names less, so that its advice stays whole', (t) => {
  for (const [reason, { outcome, ...entry }] of Object.entries(reasons)) {
    if (outcome !== 'refused' && outcome !== 'noted') continue;
    const about = { container: 'a'.repeat(63), detail: 'D'.repeat(200) };
    const remark = { language: 'apache-httpd', reason: reason as Reason, ...about } as const;
    const [warning = ''] = warningsOf([remark as Refusal], []);
    t.true(warning.length <= 256, warning);
    const advice = 'remedy' in entry ? entry.remedy : '';
    t.true(warning.endsWith(advice.replaceAll('<language>', 'apache-httpd')), warning);
  }
});

test('what fails is let through unchanged, with its cause', (t) => {
  const cause = new Error('the cache is on fire');
  const { answer, fact } = answerPod(reviewOf(java), {
    ...around(),
    worldOf: () => {
      throw cause;
    },
  });
  t.deepEqual(answer, { allowed: true, audit: { failed: 'Unexpected' } });
  t.deepEqual(fact, {
    type: 'AdmissionFailed',
    reason: 'Unexpected',
    pod: { namespace: 'shop', name: 'app-' },
    cause,
  });
});

test('a mark that would make the annotations too long is not written', (t) => {
  const annotations = { ...asking('java'), note: 'x'.repeat(262_144 - 200) };
  const { answer, fact } = answerPod(
    reviewOf(aPod({ annotations: { ...annotations, more: 'y'.repeat(100) } })),
    around(),
  );
  t.deepEqual(answer, { allowed: true, audit: { failed: 'UnsafePatch' } });
  t.like(fact, { type: 'AdmissionFailed', reason: 'UnsafePatch' });
  t.like(
    answerPod(
      reviewOf(aPod({ annotations: { ...asking('java'), note: 'x'.repeat(200_000) } })),
      around(),
    ).fact,
    {
      type: 'PodInjected',
    },
  );
});

test('a dry run is decided alike', (t) => {
  const wet = answerPod(reviewOf(java), around());
  const dry = answerPod(reviewOf(java, { dryRun: true }), around());
  t.deepEqual(dry.answer, wet.answer);
  t.deepEqual(dry.fact, { ...wet.fact, dryRun: true });
});

const probe = (value: string, annotations: JsonObject = {}) =>
  aPod({ annotations: { ...annotations, [marks.probe]: value } });

test('a probe is answered with its nonce and what is decided by', (t) => {
  const pod = probe('n0nce-7', asking('java'));
  const { answer, fact } = answerPod(reviewOf(pod, { dryRun: true }), around(aWorld(), 'cafe'));
  t.is(markOf(patched(pod, answer.patch), marks.probe), 'n0nce-7.cafe');
  t.is(operationsIn(answer.patch).length, 1);
  t.deepEqual(fact, { type: 'ProbeAnswered', answer: 'n0nce-7.cafe' });
});

test('a probe that comes back changes nothing, and another replica answers for itself', (t) => {
  const pod = probe('n.cafe');
  const again = answerPod(reviewOf(pod, { dryRun: true }), around(aWorld(), 'cafe'));
  t.deepEqual(again.answer, { allowed: true, patch: undefined });
  const other = answerPod(reviewOf(pod, { dryRun: true }), around(aWorld(), 'beef'));
  t.is(markOf(patched(pod, other.answer.patch), marks.probe), 'n.beef');
});

test('an annotation of that name is a probe only in a dry run, and only with a nonce', (t) => {
  t.like(answerPod(reviewOf(probe('n')), around()).fact, { type: 'PodUnchanged' });
  t.like(answerPod(reviewOf(probe('n n'), { dryRun: true }), around()).fact, {
    type: 'PodUnchanged',
  });
  const failing = {
    ...around(),
    fingerprint: () => {
      throw new Error('no hash');
    },
  };
  t.like(answerPod(reviewOf(probe('n'), { dryRun: true }), failing).answer, { allowed: true });
});

test('what is no birth of a pod is let through', (t) => {
  for (const difference of [
    { operation: 'UPDATE', oldObject: java },
    { operation: 'DELETE', object: null, oldObject: java },
    { operation: 'CONNECT', object: null },
    { operation: 'CREATE', subResource: 'binding' },
    { operation: 'CREATE', resource: { group: '', version: 'v1', resource: 'configmaps' } },
  ]) {
    const { answer, fact } = answerPod(reviewOf(java, difference), around());
    t.deepEqual(answer, { allowed: true });
    t.is(fact.type, 'ReviewOutOfScope');
  }
});

test('every fixture is answered with a patch that leads to its pod by the book, and only once', (t) => {
  const all = fixtures();
  t.true(all.length > 0);
  for (const { name, pod, world } of all) {
    const first = answerPod(reviewOf(pod), around(world));
    t.not(first.fact.type, 'AdmissionFailed', name);
    const byTheBook = structuredClone(pod);
    const errors = applyByTheBook(byTheBook, operationsIn(first.answer.patch) as AnyOperation[]);
    t.true(
      errors.every((error) => error === null),
      name,
    );
    const after = patched(pod, first.answer.patch);
    t.deepEqual(byTheBook, after, name);
    const second = answerPod(reviewOf(after), around(world));
    t.is(second.answer.patch, undefined, `${name}: asked again, it changes again`);
  }
});

test('random pods are never made invalid, and asked again never changed again', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  const outcomes = new Map<string, number>();
  for (let turn = 0; turn < 2_000; turn += 1) {
    const one = randomCase(dice);
    const world = worldOf(one);
    const { answer, fact } = answerPod(reviewOf(one.pod), around(world));
    outcomes.set(fact.type, (outcomes.get(fact.type) ?? 0) + 1);
    const after = patched(one.pod, answer.patch);
    const before = problemsOf(one.pod);
    const added = problemsOf(after).filter((problem) => !before.includes(problem));
    t.deepEqual(added, [], `turn ${turn}`);
    if (fact.type === 'AdmissionFailed') t.log(turn, fact.cause);
    const again = answerPod(reviewOf(after), around(world));
    t.is(again.answer.patch, undefined, `turn ${turn}`);
  }
  t.log(Object.fromEntries(outcomes));
  t.is(outcomes.get('AdmissionFailed') ?? 0, 0);
  t.true((outcomes.get('PodInjected') ?? 0) > 200);
});

test('a pod that is nested deeper than any stack is let through', (t) => {
  const deep = `${'[{"x":'.repeat(50_000)}1${'}]'.repeat(50_000)}`;
  for (const language of languages) {
    const text = JSON.stringify(aReview(aPod({ annotations: asking(language), hidden: 'HERE' })));
    const parsed = parseReview(Buffer.from(text.replace('"HERE"', deep)));
    if (parsed.kind === 'refused') return t.fail(parsed.problem);
    t.true(answerPod(parsed.review, around()).answer.allowed);
    const inContainer = text.replace('"image":', `"hidden":${deep},"image":`);
    const other = parseReview(Buffer.from(inContainer));
    if (other.kind === 'refused') return t.fail(other.problem);
    t.true(answerPod(other.review, around()).answer.allowed);
  }
  return undefined;
});

test('nobody’s pod is changed while it is looked at', (t) => {
  const pod = aPod({ annotations: asking('java'), containers: [aContainer({ env: [] })] });
  const review = { ...reviewOf(pod), object: pod };
  t.is(answerPod(review, around()).fact.type, 'PodInjected');
  t.true(isObject(pod) && Object.isFrozen(pod));
});

const anObject: JsonObject = { metadata: { name: 'main', namespace: 'shop' }, spec: {} };
const written = (difference: JsonObject = {}) =>
  reviewOf(anObject, {
    name: 'main',
    resource: { group: 'opentelemetry.io', version: 'v1alpha1', resource: 'instrumentations' },
    ...difference,
  });
const never = () => {
  throw new Error('was asked');
};

test('an Instrumentation is judged when it is created or changed', (t) => {
  const judged = answerInstrumentation(written(), () => ({
    allowed: false,
    message: 'spec.env[0].name: is no name a variable can have',
    warnings: ['spec.exporter.endpoint: port 4317 speaks grpc'],
  }));
  t.deepEqual(judged.answer, {
    allowed: false,
    message: 'spec.env[0].name: is no name a variable can have',
    warnings: ['spec.exporter.endpoint: port 4317 speaks grpc'],
  });
  t.deepEqual(judged.fact, {
    type: 'InstrumentationReviewed',
    namespace: 'shop',
    name: 'main',
    allowed: false,
    warnings: 1,
  });
  const fine = answerInstrumentation(written({ operation: 'UPDATE' }), () => ({
    allowed: true,
    warnings: [],
  }));
  t.deepEqual(fine.answer, { allowed: true, warnings: [] });
});

test('deletions and status are never refused', (t) => {
  for (const difference of [
    { operation: 'DELETE', object: null, oldObject: anObject },
    { operation: 'UPDATE', subResource: 'status' },
  ]) {
    t.deepEqual(answerInstrumentation(written(difference), never).answer, { allowed: true });
  }
});

test('an Instrumentation is let through when the judgement fails', (t) => {
  const { answer, fact } = answerInstrumentation(written(), never);
  t.like(answer, { allowed: true });
  t.like(fact, { type: 'ValidationFailed', reason: 'Unexpected' });
});

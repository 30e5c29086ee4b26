import test from 'ava';
import {
  parseReview,
  refusalText,
  statusOf,
  uidAtStart,
  uidWithin,
  writeReply,
} from '../../../controller/webhook/review.ts';
import { languages } from '../../../domain/injection/instrumentation/settings.ts';
import { reviewProblems } from '../../../domain/facts.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { annotations as keys, marks } from '../../../crds/names.ts';
import { answerPod, isQuiet } from '../../../controller/webhook/admission.ts';
import { aPod, asking, aWorld } from '../../support/build.ts';
import { chosenSeed, diceOf } from '../../support/dice.ts';
import { randomCase, worldOf } from '../../support/random.ts';
import { around, aReview, bytesOf, parsed, patchIn, responseIn, uid } from './support.ts';

const problemIn = (bytes: Buffer) => {
  const outcome = parseReview(bytes);
  return outcome.kind === 'refused' ? outcome.problem : 'none';
};

test('a review is read with all that is needed to answer it', (t) => {
  const review = parsed(aReview(aPod(), { dryRun: true }));
  t.like(review, {
    uid,
    operation: 'CREATE',
    resource: 'pods',
    subresource: undefined,
    namespace: 'shop',
    name: 'app-',
    dryRun: true,
    oldObject: undefined,
    object: aPod(),
  });
  t.is(review.bytes, bytesOf(aReview(aPod(), { dryRun: true })).length);
});

const withRequest = (request: JsonObject | null) => bytesOf({ ...aReview(aPod()), request });

test('what is no review is named by what is wrong with it', (t) => {
  const without = (key: string) => {
    const { [key]: _left, ...request } = aReview(aPod())['request'] as JsonObject;
    return withRequest(request);
  };
  t.is(problemIn(Buffer.from('')), 'Unreadable');
  t.is(problemIn(Buffer.from('hello')), 'Unreadable');
  t.is(problemIn(Buffer.from('{"kind":"AdmissionReview"')), 'Unreadable');
  t.is(problemIn(Buffer.from('[1]')), 'Unreadable');
  t.is(problemIn(Buffer.from('null')), 'Unreadable');
  t.is(
    problemIn(Buffer.concat([Buffer.from('{"kind":"'), Buffer.from([0xff]), Buffer.from('"}')])),
    'Unreadable',
  );
  t.is(problemIn(Buffer.from('['.repeat(1_000_000))), 'Unreadable');
  t.is(problemIn(bytesOf({})), 'NoReview');
  t.is(problemIn(bytesOf({ ...aReview(aPod()), kind: 'TokenReview' })), 'NoReview');
  t.is(
    problemIn(bytesOf({ ...aReview(aPod()), apiVersion: 'admission.k8s.io/v1beta1' })),
    'UnknownVersion',
  );
  t.is(problemIn(bytesOf({ kind: 'AdmissionReview' })), 'UnknownVersion');
  t.is(problemIn(withRequest(null)), 'NoReview');
  t.is(problemIn(without('uid')), 'NoUid');
  t.is(problemIn(bytesOf(aReview(aPod(), { uid: 7 }))), 'NoUid');
  t.is(problemIn(bytesOf(aReview(aPod(), { uid: 'x'.repeat(10_000) }))), 'NoUid');
  t.is(problemIn(without('namespace')), 'NoNamespace');
  t.is(problemIn(without('object')), 'NoObject');
  t.is(problemIn(bytesOf(aReview(null))), 'NoObject');
  t.is(problemIn(bytesOf(aReview([]))), 'NoObject');
});

test('a deletion needs no object', (t) => {
  t.is(problemIn(bytesOf(aReview(null, { operation: 'DELETE', oldObject: aPod() }))), 'none');
});

test('every problem has a status of the client’s making and a sentence', (t) => {
  for (const problem of Object.keys(reviewProblems) as (keyof typeof reviewProblems)[]) {
    t.true(statusOf[problem] >= 400 && statusOf[problem] < 504);
    t.regex(
      refusalText(problem),
      /^[A-Z][^\n]+\.\n$|^[A-Z][^\n]+\]? in the webhook configuration\.\n$/,
    );
  }
});

test('a reply carries patch and patch type together or not at all', (t) => {
  t.deepEqual(JSON.parse(writeReply('u', { allowed: true })), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u', allowed: true },
  });
  const patch = JSON.stringify([{ op: 'add', path: '/metadata/annotations/ä', value: '€' }]);
  const response = responseIn(writeReply('u', { allowed: true, patch }));
  t.is(response['patchType'], 'JSONPatch');
  t.is(patchIn(response), patch);
});

test('a refusal carries its sentence', (t) => {
  const response = responseIn(writeReply('u', { allowed: false, message: 'spec.env is odd' }));
  t.is(response['allowed'], false);
  t.like(response['status'], { code: 403, message: 'spec.env is odd' });
});

const warningsIn = (warnings: readonly string[]) =>
  responseIn(writeReply('u', { allowed: true, warnings }))['warnings'] as
    | readonly string[]
    | undefined;

test('warnings are ASCII, one line each, at most 256 characters and at most three', (t) => {
  t.is(warningsIn([]), undefined);
  t.deepEqual(warningsIn(['the agent’s “own”\n\tvalue … ümlaut 🙂']), [
    'the agent\'s "own" value ... ?mlaut ?',
  ]);
  const [long = ''] = warningsIn(['x'.repeat(100_000)]) ?? [];
  t.is(long.length, 256);
  t.true(long.endsWith('...'));
  t.deepEqual(warningsIn(['a', 'b', 'c']), ['a', 'b', 'c']);
  t.deepEqual(warningsIn(['a', 'b', 'c', 'd', 'e']), [
    'a',
    'b',
    'otel-retrofit: 3 more warnings not shown.',
  ]);
});

test('the uid is found in the first bytes of what an API server sends, and only there', (t) => {
  const bytes = bytesOf(aReview(aPod()));
  t.is(uidAtStart(bytes.subarray(0, uidWithin)), uid);
  t.is(uidAtStart(bytes.subarray(0, 100)), undefined);
  t.is(uidAtStart(Buffer.from('{"request":{"uid":"x"}}')), undefined);
  t.is(
    uidAtStart(bytesOf({ ...aReview(aPod()), apiVersion: 'admission.k8s.io/v1beta1' })),
    undefined,
  );
});

const isRead = (text: string, quiet = true) => {
  const outcome = parseReview(Buffer.from(text), () => quiet);
  return outcome.kind === 'refused' ? outcome.problem : 'spec' in (outcome.review.object ?? {});
};

const reviewText = (annotations: JsonObject, differences: JsonObject = {}) =>
  JSON.stringify(aReview(aPod({ annotations }), differences));

test('a pod that names nothing of ours is not read, where nobody else asks for it', (t) => {
  const text = reviewText({ note: 'he said "object": {}, and <3 \\u003c' });
  t.is(isRead(text), false);
  t.is(isRead(text, false), true);
  const outcome = parseReview(Buffer.from(text), () => true);
  const { object, bytes, ...review } = outcome.kind === 'review' ? outcome.review : parsed(null);
  const { object: _whole, text: _text, ...expected } = parsed(aReview(aPod()));
  t.deepEqual({ ...review, bytes: expected.bytes }, expected);
  t.deepEqual(object, { metadata: { generateName: 'app-' } });
  t.is(bytes, Buffer.byteLength(text));
});

test('a pod that names something of ours is read, however its name is written', (t) => {
  const text = reviewText(asking('java'));
  t.is(isRead(text), true);
  t.is(isRead(text.replaceAll('instrumentation', String.raw`\u0069nstrumentation`)), true);
  t.is(isRead(text.replaceAll('io/inject', String.raw`io\/inject`)), true);
  t.is(isRead(text.replaceAll('io/inject', String.raw`io\u002finject`)), true);
  t.is(isRead(text.replaceAll('io/inject', String.raw`io\u002Finject`)), true);
  t.is(isRead(reviewText({ [marks.probe]: 'nonce' })), true);
});

test('a review that is written in another way than by an API server is read whole', (t) => {
  const text = reviewText({});
  t.is(isRead(text.replace('"object":{', '"object": {')), true);
  t.is(isRead(text.replace('"dryRun":false,', '')), true);
  t.is(isRead(reviewText({}, { oldObject: aPod() })), true);
  t.is(isRead(text.slice(0, -1)), 'Unreadable');
  t.is(isRead(`${text}}`), 'Unreadable');
  t.is(isRead(text.replace('"uid":', '"uid":"",')), 'Unreadable');
});

/** The same JSON with some characters of its texts written as escapes. */
const disguised = (json: string, isEscaped: () => boolean) =>
  json.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) =>
    text.replaceAll(/\\u[0-9a-f]{4}|\\.|[a-z./-]/g, (piece) => {
      if (piece.length > 1 || !isEscaped()) return piece;
      const short = piece === '/' && isEscaped();
      return short ? String.raw`\/` : String.raw`\u00${piece.charCodeAt(0).toString(16)}`;
    }),
  );

test('random pods are decided alike, read or not', (t) => {
  const seed = chosenSeed();
  t.log(`seed ${seed}`);
  const dice = diceOf(seed);
  const unread = { yes: 0, no: 0 };
  for (let turn = 0; turn < 2_000; turn += 1) {
    const one = randomCase(dice);
    const world = dice.chance(0.3) ? aWorld() : worldOf(one);
    const often = dice.pick([0, 0, 0.0005, 0.01]);
    const pod = dice.chance(0.5) ? one.pod : aPod();
    const text = disguised(JSON.stringify(pod), () => dice.chance(often));
    const bytes = Buffer.from(
      JSON.stringify(aReview('pod', { dryRun: dice.chance(0.2) })).replace('"pod"', () => text),
    );
    const [read, glanced] = [() => false, () => isQuiet(world)].map((quiet) => {
      const outcome = parseReview(bytes, quiet);
      return outcome.kind === 'review' ? outcome.review : parsed(null);
    });
    if (read === undefined || glanced === undefined) throw new Error('unreachable');
    unread['spec' in (glanced.object ?? {}) ? 'no' : 'yes'] += 1;
    t.deepEqual(answerPod(glanced, around(world)), answerPod(read, around(world)), `turn ${turn}`);
  }
  t.log(unread);
  t.true(unread.yes > 100 && unread.no > 100);
});

test('every key by which a pod asks is one that is looked for', (t) => {
  for (const language of languages) {
    t.is(isRead(reviewText({ [keys.inject(language)]: 'true' })), true, language);
  }
});

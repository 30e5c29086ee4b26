import test from 'ava';
import {
  parseReview,
  refusalText,
  statusOf,
  uidAtStart,
  uidWithin,
  writeReply,
} from '../../../controller/webhook/review.ts';
import { reviewProblems } from '../../../domain/facts.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { aPod } from '../../support/build.ts';
import { aReview, bytesOf, parsed, patchIn, responseIn, uid } from './support.ts';

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

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import test from 'ava';
import { answerPod } from '../../../controller/webhook/admission.ts';
import { Desk } from '../../../controller/webhook/desk.ts';
import { usualLimits } from '../../../controller/webhook/gate.ts';
import { aPod } from '../../support/build.ts';
import { aReview, around, bytesOf, responseIn, TestTime } from './support.ts';

const body = bytesOf(aReview(aPod()));

/** A request that has been read whole when so much time has passed. */
async function servedAfter(ms: number, query: string): Promise<boolean> {
  const time = new TestTime();
  const request = Object.assign(Readable.from([body]), {
    url: `/mutate-pod${query}`,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
    complete: true,
  }) as unknown as IncomingMessage;
  const desk = new Desk({
    answers: {
      pods: (review) => answerPod(review, around()),
      instrumentations: () => {
        throw new Error('unused');
      },
    },
    isQuiet: () => false,
    record: () => undefined,
    limits: usualLimits,
    time,
  });
  const reply = desk.serve(request);
  time.pass(ms);
  const { auditAnnotations } = responseIn((await reply)?.body ?? '{}');
  return !JSON.stringify(auditAnnotations ?? '').includes('DeadlinePassed');
}

const patience = test.macro(async (t, query: string, ms: number) => {
  t.true(await servedAfter(ms - 1, query), 'just in time');
  t.false(await servedAfter(ms, query), 'too late');
});

test('the API server waits so many seconds as it says', patience, '?timeout=3s', 3_000);
test('it may say so in milliseconds', patience, '?timeout=500ms', 500);
test('it may say other things, too', patience, '?a=1&timeout=2s&b=2', 2_000);
test('it cannot wait longer than thirty seconds', patience, '?timeout=60s', 30_000);
test('it waits so long where it says nothing', patience, '', 30_000);
test('what is no time says nothing', patience, '?timeout=soon', 30_000);

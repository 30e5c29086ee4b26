import test from 'ava';
import { uidAtStart } from '../../../controller/webhook/review.ts';

const start = (uid: string) =>
  Buffer.from(
    `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"${uid}","kind":{}`,
  );

test('whoever is let through unseen gets his uid back, if it looks like one', (t) => {
  for (const uid of ['705ab4f5-6393-11e8-b7cc-42010a800002', 'a', 'x'.repeat(64)])
    t.is(uidAtStart(start(uid)), uid);
});

test('what looks like none is not repeated', (t) => {
  for (const uid of ['', 'x'.repeat(65), 'a b', String.raw`a\u0022`, '<b>', 'é'])
    t.is(uidAtStart(start(uid)), undefined, uid);
});

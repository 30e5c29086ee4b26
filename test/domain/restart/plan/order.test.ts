import test from 'ava';
import { inOrder } from '../../../../domain/restart/plan/order.ts';
import { aCandidate, days, now, outdated, tried } from './build.ts';

const expected = [
  aCandidate('Deployment/z/untried', { since: now - 10 }),
  aCandidate('Deployment/a/untried-outdated', { verdict: outdated, since: now - 90 }),
  aCandidate('Deployment/a/tried', { attempt: tried('over', days(9)), since: now - 99 }),
  aCandidate('Deployment/a/tried-later', { attempt: tried('over', days(9)), since: now - 98 }),
  aCandidate('Deployment/b/tried-later', { attempt: tried('over', days(9)), since: now - 98 }),
  aCandidate('Deployment/c/unseen', { attempt: tried('over', days(9)), since: undefined }),
];

test('of those that came together the least at risk goes first: seeing before blind, Deployments before others', (t) => {
  const together = [
    aCandidate('Deployment/b/web'),
    aCandidate('Deployment/c/web'),
    aCandidate('DaemonSet/a/log'),
    aCandidate('StatefulSet/a/db'),
    aCandidate('Deployment/a/blind', { isBlind: true }),
    aCandidate('DaemonSet/a/blind', { isBlind: true }),
  ];
  t.deepEqual(inOrder(together.toReversed()), together);
});

test('those of which nobody knows since when they are behind go by key', (t) => {
  const unseen = ['a', 'b', 'c'].map((name) =>
    aCandidate(`Deployment/${name}/web`, { since: undefined }),
  );
  t.deepEqual(inOrder(unseen.toReversed()), unseen);
});

test('never tried first, then missing before outdated, then longest behind, then by key', (t) => {
  const keys = expected.map(({ key }) => key);
  t.deepEqual(
    inOrder(expected.toReversed()).map(({ key }) => key),
    keys,
  );
  t.deepEqual(
    inOrder(expected).map(({ key }) => key),
    keys,
  );
});

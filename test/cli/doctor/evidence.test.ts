import test from 'ava';
import { sightOf, sortedByKind } from '../../../cli/doctor/evidence.ts';
import { textAt } from '../../../domain/json.ts';
import { objectsOf, type Scene } from './cluster.ts';

function sight(scene: Scene, kinds?: readonly string[]) {
  const items = objectsOf(scene).map((json) => ({ kind: textAt(json, 'kind') ?? '', json }));
  const kept = items.filter(({ kind }) => kinds?.includes(kind) !== false);
  return sightOf(sortedByKind(kept));
}

test('a kind was looked at where one of it is there', (t) => {
  t.true(sight({})('Service'));
  t.false(sight({})('Secret'));
});

test('a namespace of which nothing is seen was not looked at', (t) => {
  t.true(sight({})('Service', 'shop'));
  t.false(sight({})('Service', 'elsewhere'));
});

test('every cluster has Services, so with them the webhook configurations were looked at too', (t) => {
  const without = ['MutatingWebhookConfiguration/otel-retrofit'];
  t.true(sight({ without })('MutatingWebhookConfiguration'));
  t.false(sight({ without }, ['Deployment', 'Pod'])('MutatingWebhookConfiguration'));
});

import test from 'ava';
import { rightsOf } from '../../../cli/doctor/rights.ts';
import { sortedByKind } from '../../../cli/doctor/evidence.ts';
import type { Client } from '../../../controller/kube/client.ts';
import { Fault } from '../../../controller/kube/fault.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { objectsOf } from './cluster.ts';

const byKind = sortedByKind(
  objectsOf({}).map((json) => ({ kind: textAt(json, 'kind') ?? '', json })),
);

const answering = (answer: (review: JsonObject) => JsonObject) =>
  ({ create: (_place, review) => Promise.resolve(answer(review)) }) as Pick<
    Client,
    'create'
  > as Client;

test('a right that the API server denies to one of our ServiceAccounts is named', async (t) => {
  const client = answering((review) => {
    const spec = objectAt(review, 'spec') ?? {};
    const resource = textAt(objectAt(spec, 'resourceAttributes') ?? {}, 'resource');
    return { status: { allowed: resource !== 'instrumentations' } };
  });
  t.deepEqual(await rightsOf(client, 'otel-retrofit', byKind), {
    lacking: [
      { account: 'otel-retrofit/otel-retrofit-webhook', right: 'list instrumentations' },
      { account: 'otel-retrofit/otel-retrofit-controller', right: 'list instrumentations' },
    ],
    isDenied: false,
  });
});

test('who may not ask about others is told that, and no more', async (t) => {
  const client = answering(() => {
    throw new Fault('Forbidden');
  });
  t.deepEqual(await rightsOf(client, 'otel-retrofit', byKind), { lacking: [], isDenied: true });
});

test('what is not installed needs no rights', async (t) => {
  const client = answering(() => ({ status: { allowed: false } }));
  const nothing = sortedByKind([]);
  t.deepEqual(await rightsOf(client, 'otel-retrofit', nothing), { lacking: [], isDenied: false });
});

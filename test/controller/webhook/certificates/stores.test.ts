import test from 'ava';
import type { FaultKey } from '../../../../domain/faults.ts';
import type { Json } from '../../../../domain/json.ts';
import type { Client } from '../../../../controller/kube/client.ts';
import { Fault } from '../../../../controller/kube/fault.ts';
import { pathOf, type KubeObject, type Place } from '../../../../controller/kube/resource.ts';
import {
  configurationStoreOf,
  secretStoreOf,
} from '../../../../controller/webhook/certificates/stores.ts';
import { pods } from './cluster.ts';

interface Sent {
  readonly verb: string;
  readonly path: string;
  readonly body: unknown;
}

const unused = () => {
  throw new Error('unused');
};

/** A client that notes what it is to send, and answers with an object or a fault. */
function aClient(answer: KubeObject | FaultKey) {
  const sent: Sent[] = [];
  const call = (verb: string) => async (place: Place, body?: unknown) => {
    sent.push({ verb, path: pathOf(place), body });
    if (typeof answer === 'string') throw new Fault(answer);
    return answer;
  };
  const client: Client = {
    get: call('get'),
    create: call('create'),
    mergePatch: call('mergePatch'),
    jsonPatch: call('jsonPatch'),
    list: unused,
    watch: unused,
    delete: unused,
  };
  return { client, sent };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const entries = { 'ca.crt': 'A', 'ca.key': 'B', 'tls.crt': 'C', 'tls.key': 'D' };
const encoded = {
  'ca.crt': base64('A'),
  'ca.key': base64('B'),
  'tls.crt': base64('C'),
  'tls.key': base64('D'),
};
const place = { namespace: 'otel-retrofit', name: 'otel-retrofit-webhook' };
const path = '/api/v1/namespaces/otel-retrofit/secrets';
const object = (more: Readonly<Record<string, Json>> = {}): KubeObject => ({
  metadata: { name: 'x', uid: 'u', resourceVersion: '7' },
  ...more,
});

test('the Secret is read by name, and only our members of it', async (t) => {
  const { client, sent } = aClient(object({ data: { ...encoded, other: 'eA==' } }));
  t.deepEqual(await secretStoreOf(client, place).read(), { uid: 'u', version: '7', entries });
  t.deepEqual(sent, [{ verb: 'get', path: `${path}/otel-retrofit-webhook`, body: undefined }]);
  t.is(await secretStoreOf(aClient('NotFound').client, place).read(), undefined);
  t.deepEqual((await secretStoreOf(aClient(object()).client, place).read())?.entries, {});
  await t.throwsAsync(secretStoreOf(aClient('Forbidden').client, place).read(), {
    instanceOf: Fault,
  });
});

test('the Secret is created by whoever is first', async (t) => {
  const { client, sent } = aClient(object());
  t.is(await secretStoreOf(client, place).create(entries), 'written');
  t.like(sent[0], { verb: 'create', path });
  t.like(sent[0]?.body, { kind: 'Secret', type: 'kubernetes.io/tls', data: encoded });
  t.is(await secretStoreOf(aClient('AlreadyExists').client, place).create(entries), 'changed');
  await t.throwsAsync(secretStoreOf(aClient('NotFound').client, place).create(entries));
});

test('the Secret is replaced only as long as it is the one that was read', async (t) => {
  const { client, sent } = aClient(object());
  const stored = { uid: 'u', version: '7', entries };
  t.is(await secretStoreOf(client, place).replace(stored, entries), 'written');
  t.deepEqual(sent, [
    {
      verb: 'mergePatch',
      path: `${path}/otel-retrofit-webhook`,
      body: { metadata: { uid: 'u', resourceVersion: '7' }, data: encoded },
    },
  ]);
  t.is(await secretStoreOf(aClient('Conflict').client, place).replace(stored, entries), 'changed');
  t.is(await secretStoreOf(aClient('NotFound').client, place).replace(stored, entries), 'changed');
  await t.throwsAsync(secretStoreOf(aClient('Invalid').client, place).replace(stored, entries));
});

test('a configuration is patched, and a test that fails means that it has moved', async (t) => {
  const operations = [{ op: 'test', path: '/metadata/resourceVersion', value: '7' }] as const;
  const { client, sent } = aClient(object());
  t.is(await configurationStoreOf(client).patch(pods, operations), 'written');
  t.deepEqual(sent, [
    {
      verb: 'jsonPatch',
      path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/otel-retrofit',
      body: operations,
    },
  ]);
  for (const fault of ['Invalid', 'Conflict', 'NotFound'] as const)
    t.is(await configurationStoreOf(aClient(fault).client).patch(pods, operations), 'changed');
  await t.throwsAsync(configurationStoreOf(aClient('Forbidden').client).patch(pods, operations));
  t.is(await configurationStoreOf(aClient('NotFound').client).read(pods), undefined);
});

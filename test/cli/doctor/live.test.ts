import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { diagnose } from '../../../cli/doctor/doctor.ts';
import { readCommand } from '../../../cli/program.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/start.ts';
import { merged, objectsOf, type Scene } from './cluster.ts';

let sandbox: Sandbox;
let folder: string;

test.before(async () => {
  sandbox = await startSandbox({ lifecycles: false });
  folder = await mkdtemp(join(tmpdir(), 'retrofit-doctor-'));
  await writeFile(join(folder, 'kubeconfig'), sandbox.kubeconfig);
  const definition: unknown = parse(
    readFileSync(join(import.meta.dirname, '../../../crds/instrumentations.yaml'), 'utf8'),
  );
  if (!isObject(definition)) throw new Error('the definition is no object');
  await create(definition);
});

test.after.always(async () => {
  await sandbox.stop();
  await rm(folder, { recursive: true });
});

async function create(json: JsonObject): Promise<void> {
  const given = objectAt(json, 'metadata') ?? {};
  const [namespace, name = ''] = [textAt(given, 'namespace'), textAt(given, 'name')];
  const version = textAt(json, 'apiVersion') ?? '';
  const plural = `${(textAt(json, 'kind') ?? '').toLowerCase()}s`;
  const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const metadata = merged(given, { resourceVersion: null, uid: null });
  const made = await sandbox.api.call('POST', `${root}${place}/${plural}`, { ...json, metadata });
  if (made.code !== 201 && made.code !== 409) throw new Error(JSON.stringify(made.body));
  const status = objectAt(json, 'status');
  if (status === undefined || plural === 'customresourcedefinitions') return;
  const path = `${root}${place}/${plural}/${name}/status`;
  const type = 'application/merge-patch+json';
  await sandbox.api.call('PATCH', path, { status }, { type });
}

const scene: Scene = {
  workloads: [
    { name: 'cart', pods: 'none' },
    { name: 'web', pods: 'none', container: { envFrom: [{ configMapRef: { name: 'options' } }] } },
  ],
  instrumentations: [
    {
      spec: {
        exporter: {
          endpoint: 'https://demo-collector:4318',
          tls: { secretName: 'collector-tls', ca_file: 'ca.crt' },
        },
      },
    },
  ],
  more: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'options', namespace: 'shop' },
      data: { NODE_OPTIONS: '--trace-exit' },
    },
  ],
};

const isWebhook = ({ kind }: JsonObject) => kind === 'MutatingWebhookConfiguration';

test('a live cluster is examined as a dump of it is, with what something refers to read besides', async (t) => {
  // Nobody answers the webhook here, so it comes when the pods are there.
  const objects = objectsOf(scene);
  for (const json of objects.filter((one) => !isWebhook(one))) await create(json);
  for (const json of objects.filter(isWebhook)) await create(json);
  const outlets = { out: () => undefined, error: () => undefined };
  const words = ['doctor', '--kubeconfig', join(folder, 'kubeconfig')];
  const asked = readCommand(words, '0', outlets);
  if (asked.kind !== 'doctor') throw new Error(asked.kind);
  const diagnosis = await diagnose(asked.options, {
    version: '0',
    environment: {},
    stdin: () => Promise.resolve(Buffer.of()),
    now: Date.now,
  });
  if (diagnosis.kind !== 'diagnosed') throw new Error(JSON.stringify(diagnosis));
  t.deepEqual(
    diagnosis.findings.map(({ check, about }) => [check, about]),
    [
      ['EndpointInOtherNamespace', 'Service/shop/demo-collector'],
      ['TlsSourceMissing', 'Secret/shop/collector-tls'],
      ['NobodyLeads', 'Lease/otel-retrofit/otel-retrofit-controller'],
      ['EnvironmentReplaced', 'Deployment/shop/web'],
    ],
  );
});

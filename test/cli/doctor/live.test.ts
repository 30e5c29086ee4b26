import test from 'ava';
import { diagnose } from '../../../cli/doctor/doctor.ts';
import { readCommand } from '../../../cli/program.ts';
import { refusedBirth, type Scene } from './cluster.ts';
import { startLiving, type Living } from './living.ts';

let living: Living;

const scene: Scene = {
  workloads: [
    { name: 'cart', pods: 'none' },
    { name: 'db', kind: 'StatefulSet', pods: 'none', status: { replicas: 1, updatedReplicas: 0 } },
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
    refusedBirth('StatefulSet', 'db', 'exceeded quota: small'),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'options', namespace: 'shop' },
      data: { NODE_OPTIONS: '--trace-exit' },
    },
  ],
};

test.before(async () => {
  living = await startLiving();
  await living.create(scene);
});

test.after.always(() => living.stop());

async function foundBy(...words: readonly string[]) {
  const outlets = { out: () => undefined, error: () => undefined };
  const asked = readCommand(['doctor', '--kubeconfig', living.kubeconfig, ...words], '0', outlets);
  if (asked.kind !== 'doctor') throw new Error(asked.kind);
  const diagnosis = await diagnose(asked.options, {
    version: '0',
    environment: {},
    stdin: () => Promise.resolve(Buffer.of()),
    now: Date.now,
  });
  if (diagnosis.kind !== 'diagnosed') throw new Error(JSON.stringify(diagnosis));
  return diagnosis.findings.map(({ check, about }) => [check, about]);
}

test('a live cluster is examined as a dump of it is, with what something refers to read besides', async (t) => {
  t.deepEqual(await foundBy('--context', 'whole'), [
    ['PodsRefused', 'StatefulSet/shop/db'],
    ['EndpointInOtherNamespace', 'Service/shop/demo-collector'],
    ['TlsSourceMissing', 'Secret/shop/collector-tls'],
    ['NobodyLeads', 'Lease/otel-retrofit/otel-retrofit-controller'],
    ['EnvironmentReplaced', 'Deployment/shop/web'],
  ]);
});

test('whoever may read one namespace is told what is wrong in it, and what was not looked at', async (t) => {
  const found = await foundBy('-n', 'shop');
  const unseen = new Set(
    found.filter(([check]) => check === 'NotLookedAt').map(([, about]) => about),
  );
  t.deepEqual(
    found.filter(([check]) => check !== 'NotLookedAt'),
    [
      ['PodsRefused', 'StatefulSet/shop/db'],
      ['EndpointServiceMissing', 'Service/shop/demo-collector'],
      ['TlsSourceMissing', 'Secret/shop/collector-tls'],
      ['EnvironmentReplaced', 'Deployment/shop/web'],
    ],
  );
  t.true(unseen.has('Pod outside shop'));
  t.true(unseen.has('MutatingWebhookConfiguration'));
});

test('one workload of it is explained to them too', async (t) => {
  const found = await foundBy('deployment/web', '-n', 'shop');
  t.true(found.some(([check]) => check === 'EnvironmentReplaced'));
});

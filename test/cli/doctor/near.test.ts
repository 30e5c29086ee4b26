import test from 'ava';
import { consult } from '../../../cli/doctor/show.ts';
import { readCommand } from '../../../cli/program.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { context, silent } from '../look/serving.ts';
import { prints, said, storedOf, well } from './asking.ts';
import type { Scene } from './cluster.ts';
import { broken, healthy } from './situations.ts';

interface Told {
  readonly findings: readonly { readonly workloads?: readonly string[] }[];
  readonly account: unknown;
}

const asJson = ['-o', 'json'];

async function told(scene: Scene, words: readonly string[]) {
  const { shown } = await said(scene, [...words, ...asJson], prints);
  if (shown.kind !== 'examined') throw new Error(JSON.stringify(shown));
  return JSON.parse(shown.text) as Told;
}

async function toldByDump(scene: Scene, words: readonly string[]) {
  const command = readCommand(['doctor', ...words, ...asJson, '-f', '-'], '0', silent);
  if (command.kind !== 'doctor') throw new Error(command.kind);
  const dump = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: storedOf(scene) });
  const stdin = () => Promise.resolve(Buffer.from(dump));
  const shown = await consult(command, { ...context, stdin }, (_look, text) => text);
  if (shown.kind !== 'examined') throw new Error(JSON.stringify(shown));
  return JSON.parse(shown.text) as Told;
}

/** But for who else suffers by it. */
const findingsOn = ({ findings }: Told, key: string) =>
  findings
    .filter(({ workloads }) => workloads?.includes(key) !== false)
    .map(({ workloads: _sufferers, ...finding }) => finding);

for (const { title, scene } of [...broken, ...healthy]) {
  test.serial(`${title}: of one workload the same is said as of all`, async (t) => {
    const [{ kind = 'Deployment', namespace = 'shop', name = 'cart' } = {}] = scene.workloads ?? [];
    const one = [`${kind}/${name}`, '-n', namespace];
    const key = `${kind}/${namespace}/${name}`;
    const near = await told(scene, one);
    t.deepEqual(findingsOn(near, key), findingsOn(await told(scene, []), key));
    t.deepEqual(near.account, (await toldByDump(scene, one)).account);
  });
}

const words = ['deployment/cart', '-n', 'shop'];

const webhookOfAnother: JsonObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'mesh' },
  webhooks: [
    {
      name: 'sidecars.mesh.example',
      clientConfig: { service: { name: 'mesh', namespace: 'default' } },
      rules: [{ apiGroups: [''], operations: ['CREATE'], resources: ['pods'] }],
    },
  ],
};

test.serial('of one workload nothing is read but what is near it', async (t) => {
  const { pods } = await said({ ...well, more: [webhookOfAnother] }, words, prints);
  t.deepEqual(pods.toSorted(), [
    '/api/v1/namespaces/observability/pods',
    '/api/v1/namespaces/otel-retrofit/pods',
    '/api/v1/namespaces/shop/pods',
  ]);
});

const controller: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'retrofit',
    namespace: 'observability',
    labels: {
      'app.kubernetes.io/name': 'otel-retrofit',
      'app.kubernetes.io/component': 'controller',
    },
  },
  status: { readyReplicas: 1 },
};

async function isMissing(scene: Scene) {
  const { shown } = await said(scene, words, prints);
  return shown.kind === 'examined' && shown.text.includes('ControllerMissing');
}

test.serial('a controller that is installed elsewhere is found', async (t) => {
  const scene: Scene = { without: ['Deployment/otel-retrofit/otel-retrofit-controller'] };
  t.true(await isMissing(scene));
  t.false(await isMissing({ ...scene, more: [controller] }));
});

test.serial(
  'whoever may not see our controller is told that, and not that there is none',
  async (t) => {
    const group = '/apis/apps/v1';
    const never = [`${group}/deployments`, `${group}/namespaces/otel-retrofit/deployments`];
    const { shown } = await said(well, words, { ...prints, never });
    if (shown.kind !== 'examined') throw new Error(shown.kind);
    t.true(shown.text.includes('Deployment outside shop'), shown.text);
    t.false(shown.text.includes('ControllerMissing'), shown.text);
  },
);

test.serial('a workload that waits for its turn is told whose turn it is', async (t) => {
  const bare: Scene = {
    workloads: [
      { name: 'first', namespace: 'default', pods: 'bare' },
      { name: 'cart', pods: 'bare' },
    ],
    instrumentations: [{}, { namespace: 'default' }],
  };
  const { shown, pods } = await said(bare, words, prints);
  t.true(shown.kind === 'examined' && shown.text.includes('as number 2 in turn'));
  t.true(pods.includes('/api/v1/pods table'));
});

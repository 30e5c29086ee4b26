import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import { annotations as keys, marks } from '../../../../crds/names.ts';
import { call, eventually } from '../../../journeys/support/ground.ts';
import { instrument } from '../../../journeys/support/instrumentations.ts';
import {
  deploy,
  isReady,
  pathOf,
  podsOf,
  untilRunning,
  type Kind,
  type Spot,
} from '../../../journeys/support/workloads.ts';
import type { AuditLine, Cluster } from '../../cluster.ts';
import { isOurs } from '../../plane/ours.ts';
import * as installed from '../../webhook/installation.ts';
import { account, followOnAPlane } from '../../webhook/loop.ts';
import { command } from '../../webhook/program.ts';

const test = (isOurs ? anyTest : anyTest.skip) as TestFn;

const followed = followOnAPlane(test, { isStreaming: true });

const template = (change: object) => ({ spec: { template: change } });
const app = { name: 'app', image: 'shop.example/other:1' };

const marking = (value: string | null) =>
  template({ metadata: { annotations: { [marks.restart]: value } } });

/** What a controller gone mad could try on any workload. */
const forbidden: Readonly<Record<string, object>> = {
  'another annotation of the template': template({ metadata: { annotations: { other: 'x' } } }),
  'an annotation less': template({ metadata: { annotations: { [keys.inject('java')]: null } } }),
  'a label of the template': template({ metadata: { labels: { more: 'x' } } }),
  'another image': template({ spec: { containers: [app] } }),
  'an annotation of the workload': { metadata: { annotations: { other: 'x' } } },
  'a label of the workload': { metadata: { labels: { other: 'x' } } },
  'a finalizer': { metadata: { finalizers: ['shop.example/stay'] } },
  'how long pods must be ready': { spec: { minReadySeconds: 7 } },
  'how many revisions are kept': { spec: { revisionHistoryLimit: 7 } },
};

const forbiddenOf: Readonly<Record<Kind, Readonly<Record<string, object>>>> = {
  Deployment: {
    'more replicas': { spec: { replicas: 5 } },
    'a pause': { spec: { paused: true } },
    'another strategy': { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
    'a shorter deadline': { spec: { progressDeadlineSeconds: 60 } },
  },
  StatefulSet: {
    'more replicas': { spec: { replicas: 5 } },
    'another strategy': { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
    'other ordinals': { spec: { ordinals: { start: 3 } } },
  },
  DaemonSet: { 'another strategy': { spec: { updateStrategy: { type: 'OnDelete' } } } },
};

for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
  test(`of a ${kind} the controller can change one annotation, whatever it tries`, async (t) => {
    const cluster = followed.cluster();
    const namespace = `guarded-${kind.toLowerCase()}`;
    const spot = { kind, namespace, name: 'cart' };
    const token = await cluster.serviceAccountToken(installed.namespace, account);
    const { client } = await cluster.signIn({ token });
    const write = async (patch: object) => {
      const merge = { type: 'application/merge-patch+json' };
      return (await client.call('PATCH', pathOf(spot), patch, merge)).code;
    };
    await cluster.createNamespace(namespace);
    await deploy(cluster, spot);
    for (const [what, patch] of Object.entries({ ...forbidden, ...forbiddenOf[kind] }))
      t.is(await write(patch), 403, what);
    t.is(await write(marking('0123456789abcdef.1.a')), 200);
    t.is(await write(marking(null)), 200);
    t.is((await client.call('DELETE', pathOf(spot))).code, 403);
  });
}

test('the controller can try how a pod would be made, and makes none', async (t) => {
  const cluster = followed.cluster();
  const token = await cluster.serviceAccountToken(installed.namespace, account);
  const { client } = await cluster.signIn({ token });
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const pod = {
    metadata: { name: 'tried' },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'app', image: 'shop.example/app:1', securityContext: restricted }],
    },
  };
  const path = `/api/v1/namespaces/${installed.namespace}/pods`;
  t.is((await client.call('POST', `${path}?dryRun=All`, pod)).code, 201);
  const refused = await client.call('POST', path, pod);
  t.is(refused.code, 403);
  t.regex(refused.body.message ?? '', /The controller may try how a pod would be made/);
});

interface Room {
  readonly status?: { readonly hard?: object };
}

const app100m = { ...app, resources: { limits: { cpu: '100m' } } };

/** Two pods fit in, and not the one that a restart has in addition, or one with an agent. */
const quotas = {
  Deployment: { hard: { pods: '2' }, tells: /exceeded quota: small, requested: pods=1/ },
  StatefulSet: {
    hard: { 'limits.cpu': '200m' },
    tells: /exceeded quota: small, requested: limits.cpu=/,
  },
};

for (const kind of ['Deployment', 'StatefulSet'] as const) {
  test(`where a quota has no room for a restart of a ${kind}, the doctor says so in its words`, async (t) => {
    const cluster = followed.cluster();
    const spot = { kind, namespace: `full-${kind.toLowerCase()}`, name: 'cart' };
    const { hard, tells } = quotas[kind];
    await cluster.createNamespace(spot.namespace);
    const path = `/api/v1/namespaces/${spot.namespace}/resourcequotas`;
    await call(cluster, 'POST', path, { metadata: { name: 'small' }, spec: { hard } });
    const isInForce = async () => (await call<Room>(cluster, 'GET', `${path}/small`)).status?.hard;
    await eventually('the quota is in force', isInForce);
    await deploy(cluster, spot, { pod: { containers: [app100m] } });
    await untilRunning(cluster, spot, 2);
    await instrument(cluster, spot.namespace);
    const finding = await eventually('the doctor names the quota', async () => {
      const found = await diagnose(cluster, spot);
      return found.find(({ check }) => check === 'PodsRefused');
    });
    t.regex(finding.detail ?? '', tells);
    t.true((await podsOf(cluster, spot)).every(isReady));
  });
}

interface Found {
  readonly check: string;
  readonly detail?: string;
}

/** As a person asks who may read everything. */
async function diagnose(
  { kubeconfig }: Cluster,
  { kind, namespace, name }: Spot,
): Promise<readonly Found[]> {
  const asked = ['doctor', `${kind.toLowerCase()}/${name}`, '-n', namespace];
  const args = [...command, ...asked, '--kubeconfig', kubeconfig, '-o', 'json'];
  // It ends with another code than 0 where it has found something.
  const { stdout } = await promisify(execFile)('/usr/bin/env', args).catch(
    (error: { readonly stdout: string }) => error,
  );
  return (JSON.parse(stdout) as { readonly findings: readonly Found[] }).findings;
}

const isWrite = ({ verb }: AuditLine) => !['get', 'list', 'watch'].includes(verb);

test.after('a quiet cluster sees nothing from us but the lease and the probe', async (t) => {
  if (!isOurs) return;
  const quiet = await eventually('a quarter of a minute without a write', async () => {
    const before = (await followed.deeds()).length;
    await pause(15_000);
    const since = (await followed.deeds()).slice(before).filter(isWrite);
    const resources = [...new Set(since.map(({ objectRef }) => objectRef?.resource ?? ''))];
    return resources.every((one) => one === 'leases' || one === 'pods') && resources;
  });
  t.deepEqual(quiet.toSorted(), ['leases', 'pods']);
});

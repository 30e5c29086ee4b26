import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type Client } from '../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../controller/kube/credentials.ts';
import { createLease } from '../../../controller/kube/lease.ts';
import { createTransport } from '../../../controller/kube/transport.ts';
import { createCaches } from '../../../controller/loop/caches.ts';
import { resources } from '../../../controller/loop/kinds.ts';
import {
  configurationStoreOf,
  secretStoreOf,
} from '../../../controller/webhook/certificates/stores.ts';
import { startKubelet } from '../../../sandbox/kubelet/kubelet.ts';
import { startSandbox } from '../../../sandbox/start.ts';
import type { Printed } from '../../cluster/cluster.ts';
import { createClient as createPlainClient } from '../../cluster/plane/client.ts';
import { until } from '../../cluster/until.ts';
import { theDefaults } from '../../support/build.ts';
import type { Heard } from './call.ts';

/** A control plane, with whatever stands before it. */
export interface Stage {
  readonly server: string;
  readonly caPem: string;
  readonly token: string;
  /** The path of a kubeconfig. */
  readonly kubeconfig: string;
  readonly kubectl: (args: readonly string[], stdin?: string) => Promise<Printed>;
}

export const aDeployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'app', image: 'app' }], terminationGracePeriodSeconds: 1 },
    },
  },
});

/** Everything the loop watches, the restart it asks for, its lease, and what the webhook keeps. */
export async function followEverything({ kubeconfig }: Stage): Promise<void> {
  const transport = createTransport(readKubeConfig({ file: kubeconfig }), { version: '0.0.0' });
  const client = createClient(transport);
  const ending = new AbortController();
  const listener = { onState: () => undefined, onFault: () => undefined };
  const options = { client, defaults: theDefaults(), onMark: () => undefined, listener };
  const caches = createCaches(options);
  const lease = createLease({
    client,
    namespace: 'default',
    name: 'conformance',
    identity: 'one',
    onGained: () => undefined,
    durations: { leaseMs: 2_000, renewMs: 300, retryMs: 200, fenceMs: 1_000, callMs: 500 },
  });
  const running = [caches.run(ending.signal), lease.run(ending.signal)];
  try {
    await restartOne(client);
    await caches.complete;
    await until(() => lease.holds(), { what: 'the lease is held' });
    await pause(600); // two renewals
    await keepCertificates(client);
  } finally {
    ending.abort();
    await Promise.all(running);
    await transport.close();
  }
}

async function restartOne(client: Client): Promise<void> {
  const all = { resource: resources.deployments, namespace: 'default' };
  const place = { ...all, name: 'restarted' };
  await client.create(all, aDeployment('restarted', 0), { dryRun: true });
  await client.create(all, aDeployment('restarted', 0));
  await until(
    async () => {
      const { uid, resourceVersion } = (await client.get(place)).metadata;
      const annotations = { 'otel-retrofit.dev/restart': 'a' };
      const spec = { template: { metadata: { annotations } } };
      return client.mergePatch(place, { metadata: { uid, resourceVersion }, spec });
    },
    { what: 'it is restarted' },
  );
  await client.delete(place, {});
}

async function keepCertificates(client: Client): Promise<void> {
  const secret = secretStoreOf(client, { namespace: 'default', name: 'certificates' });
  const entries = Object.fromEntries(
    ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'].map((name) => [name, 'text']),
  ) as unknown as Parameters<typeof secret.create>[0];
  await secret.create(entries);
  const stored = await secret.read();
  if (stored) await secret.replace(stored, entries);
  for (const kind of [
    'mutatingwebhookconfigurations',
    'validatingwebhookconfigurations',
  ] as const) {
    const target = { kind, configuration: 'absent', webhooks: [] };
    const store = configurationStoreOf(client);
    await store.read(target);
    await store.patch(target, [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]);
  }
}

/** The commands of the demonstration's story; what each must print is the same everywhere. */
export async function tellTheStory(stage: Stage): Promise<void> {
  for (const [line, { stdin, prints, comes = false }] of story) {
    const say = async () => {
      const { code, stdout, stderr } = await stage.kubectl(line.split(' '), stdin);
      if (code !== 0) throw new Error(`kubectl ${line}: ${stderr}`);
      if (!prints.test(stdout)) throw new Error(`kubectl ${line} printed:\n${stdout}`);
      return true;
    };
    await (comes ? until(say, { what: `kubectl ${line} prints ${prints}` }) : say());
  }
}

interface Command {
  readonly stdin?: string;
  readonly prints: RegExp;
  /** Whether it is asked until it prints that. */
  readonly comes?: boolean;
}

const manifest = (replicas: number) => JSON.stringify(aDeployment('told', replicas));
const aMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'told' }, data: { a: 'b' } };
const rolledOut = { prints: /deployment "told" successfully rolled out/ };

const story: readonly (readonly [line: string, Command])[] = [
  ['apply --validate=false -f -', { stdin: manifest(1), prints: /^deployment.apps\/told created/ }],
  ['rollout status deployment/told --timeout=30s', rolledOut],
  ['apply --validate=false -f -', { stdin: manifest(2), prints: /told configured/ }],
  ['rollout status deployment/told --timeout=30s', rolledOut],
  ['create -f -', { stdin: JSON.stringify(aMap), prints: /^configmap\/told created/ }],
  [
    'get deployments',
    { prints: /NAME +READY +UP-TO-DATE +AVAILABLE +AGE[^]*told +2\/2 +2 +2 +\d+/ },
  ],
  ['get pods -l app=told', { prints: /NAME +READY +STATUS +RESTARTS[^]*1\/1 +Running +0/ }],
  ['get replicasets,nodes,namespaces,events', { prints: /replicaset.apps\/told-[^]*node\/node-1/ }],
  ['get deployment told -o yaml', { prints: /^ {2}replicas: 2$/m }],
  ['get configmap told -o jsonpath={.data.a}', { prints: /^b$/ }],
  ['annotate deployment/told a=b', { prints: /told annotated/ }],
  ['annotate namespace default told=yes --overwrite', { prints: /default annotated/ }],
  ['rollout restart deployment/told', { prints: /told restarted/ }],
  ['rollout status deployment/told --timeout=30s', rolledOut],
  ['describe deployment told', { prints: /2 desired \| 2 updated \| 2 total \| 2 available/ }],
  // A rollout is over before the last old pod is gone, and kubectl describes none that goes meanwhile.
  ['get pods -l app=told -o name', { prints: /^(?:pod\/\S+\n){2}$/, comes: true }],
  ['describe pods -l app=told', { prints: /Controlled By: +ReplicaSet\/told-[^]*Ready +True/ }],
  ['logs deployment/told', { prints: /^hello$/m }],
  ['delete configmap told', { prints: /configmap "told" deleted/ }],
  ['delete deployment told', { prints: /deployment.apps "told" deleted/ }],
];

/** A kubelet over the wire, whose one image says hello and waits. */
export async function withKubelet(stage: Stage, deed: () => Promise<void>): Promise<void> {
  const client = createPlainClient(stage);
  const command = ['/bin/sh', '-c', 'echo hello; exec sleep 600'];
  const kubelet = await startKubelet({
    api: client,
    images: { app: { command, directory: import.meta.dirname } },
  });
  try {
    await deed();
  } finally {
    await kubelet.stop();
    await client.close();
  }
}

/** What the lifecycles of workloads ask of the sandbox, from the first pod to an empty namespace. */
export async function lifecyclesAtWork(): Promise<readonly Heard[]> {
  const sandbox = await startSandbox();
  const kubelet = await startKubelet({ api: sandbox.api, mode: 'status-only' });
  const home = '/apis/apps/v1/namespaces/worked';
  const call = async (method: string, path: string, body?: object) =>
    (await sandbox.api.call(method, path, body, { type: merge })).body;
  try {
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'worked' } });
    const workloads = ['deployments', 'statefulsets', 'daemonsets'];
    for (const plural of workloads) await call('POST', `${home}/${plural}`, aWorkload(plural));
    for (const generation of [1, 2]) {
      for (const plural of workloads) {
        const isSettled = async () => {
          const { status = {} } = await call('GET', `${home}/${plural}/${plural}`);
          const ready = status['availableReplicas'] ?? status['numberAvailable'];
          return status['observedGeneration'] === generation && ready === 1;
        };
        await until(isSettled, { what: `${plural} have settled` });
        const annotations = { 'lab.dev/restart': String(generation) };
        const spec = { template: { metadata: { annotations } } };
        await call('PATCH', `${home}/${plural}/${plural}`, { spec });
      }
    }
    await call('DELETE', '/api/v1/namespaces/worked');
    const path = '/api/v1/namespaces/worked';
    await until(async () => (await sandbox.api.call('GET', path)).code === 404, {
      what: 'all is gone',
    });
    const theirs = sandbox
      .requests()
      .filter(({ user }) => user === 'system:kube-controller-manager');
    // Every patch of theirs is a merge patch.
    return theirs.map(({ method, path: asked }) => ({ method, path: asked, type: merge }));
  } finally {
    await kubelet.stop();
    await sandbox.stop();
  }
}

const merge = 'application/merge-patch+json';

function aWorkload(name: string): object {
  const { metadata, spec } = aDeployment(name);
  const { replicas, ...daemon } = spec;
  return { metadata, spec: name === 'daemonsets' ? daemon : { ...daemon, replicas } };
}

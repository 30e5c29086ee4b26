import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import anyTest, { type TestFn } from 'ava';
import { stringify } from 'yaml';
import { findSource } from '../../cluster/binaries.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Resource } from '../../cluster/plane/client.ts';
import { startCluster } from '../../cluster/start.ts';
import { until } from '../../cluster/until.ts';
import { openWorkshop } from '../../docs/workshop.ts';
import { charted, kustomized, parsed, type Manifest } from '../manifests.ts';
import { placeOf } from '../tools.ts';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** Kinds that others define, and that this API server does not know. */
const foreign = /^(?:cert-manager\.io|monitoring\.coreos\.com)\//;

const known = (text: string) => parsed(text).filter(({ apiVersion }) => !foreign.test(apiVersion));

const printed = (manifests: readonly Manifest[]) =>
  manifests.map((manifest) => stringify(manifest)).join('---\n');

/** Strictly, and for nothing to remain. */
const tried = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];

/** What the overlays choose, each by itself. */
const choices = {
  none: {},
  observing: { remediation: 'observe' },
  namespaces: { namespaces: ['shop'] },
  'highly available': { highlyAvailable: true },
  'cert-manager': { certManager: { enabled: true } },
  'network policy': { networkPolicy: { enabled: true } },
  'Prometheus Operator': { prometheusOperator: { enabled: true } },
} as const;

const places = [
  'config/base',
  ...readdirSync(join(root, 'config/overlays')).map((name) => `config/overlays/${name}`),
];

interface ResourceList {
  readonly resources: readonly {
    readonly name: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

interface Items {
  readonly items: readonly (Resource & { readonly kind?: string })[];
}

const groups = [
  '/api/v1',
  '/apis/apps/v1',
  '/apis/policy/v1',
  '/apis/rbac.authorization.k8s.io/v1',
  '/apis/admissionregistration.k8s.io/v1',
  '/apis/apiextensions.k8s.io/v1',
];

/** Everything of our name in the cluster, with the version it is at. */
async function ours({ adminClient }: Cluster): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const group of groups) {
    const { body } = await adminClient.call<ResourceList>('GET', group);
    for (const { name, verbs } of body.resources) {
      if (!verbs.includes('list') || name === 'events') continue;
      const { body: list } = await adminClient.call<Items>('GET', `${group}/${name}`);
      for (const { metadata } of list.items) {
        if (!/^otel-retrofit|^instrumentations\./.test(metadata.name)) continue;
        found.set(`${name} ${metadata.name}`, metadata.resourceVersion);
      }
    }
  }
  return found;
}

/** What the API server makes of all that is shipped. */
export function tellInstallation(emulated: '' | '1.33'): void {
  const test = anyTest.serial as TestFn;
  const version = emulated === '' ? 'today' : `as ${emulated}`;
  let cluster: Cluster;

  test(`a control plane is there (${version})`, async (t) => {
    cluster = await startCluster(emulated === '' ? {} : { emulated });
    await cluster.createNamespace('otel-retrofit');
    await cluster.createNamespace('shop');
    t.pass();
  });

  for (const place of places) {
    test(`the API server takes ${place} without a warning (${version})`, async (t) => {
      const stdin = printed(known(await kustomized(place)));
      const { code, stderr } = await cluster.kubectl(tried, { stdin });
      t.is(stderr, '');
      t.is(code, 0);
    });
  }

  test(`the API server takes each choice of the chart (${version})`, async (t) => {
    for (const [choice, values] of Object.entries(choices)) {
      const stdin = printed(known(await charted('helm3', values)));
      const { code, stderr } = await cluster.kubectl(tried, { stdin });
      t.is(stderr, '', choice);
      t.is(code, 0, choice);
    }
  });

  test(`the API server takes the chart with every choice (${version})`, async (t) => {
    const values = {
      namespaces: ['shop'],
      settings: { 'restarts-per-hour': 20 },
      highlyAvailable: true,
      certManager: { enabled: true },
      networkPolicy: { enabled: true },
      prometheusOperator: { enabled: true },
      image: { pullSecrets: [{ name: 'registry' }], pullPolicy: 'Always' },
      webhook: { tolerations: [{ operator: 'Exists' }], nodeSelector: { pool: 'system' } },
    };
    const stdin = printed(known(await charted('helm4', values)));
    const { code, stderr } = await cluster.kubectl(tried, { stdin });
    t.is(stderr, '');
    t.is(code, 0);
  });

  test(`the API server takes every sample as it is written (${version})`, async (t) => {
    const samples = readdirSync(join(root, 'config/samples'));
    t.true(samples.length >= 9);
    await cluster.installCrd(join(root, 'crds/instrumentations.yaml'));
    for (const sample of samples) {
      const stdin = readFileSync(join(root, 'config/samples', sample), 'utf8');
      for (const namespace of namespacesIn(stdin)) await ensureNamespace(cluster, namespace);
      const { code, stderr } = await cluster.kubectl(tried, { stdin });
      t.is(stderr, '', sample);
      t.is(code, 0, sample);
    }
    await dropDefinition(cluster);
  });

  for (const tool of ['helm3', 'helm4'] as const) {
    test(`${tool} installs, changes nothing by an upgrade, and uninstalls (${version})`, async (t) => {
      const helm = (...words: readonly string[]) =>
        run(placeOf(tool), [...words, '--namespace', 'otel-retrofit'], {
          env: { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.directory },
        });
      const chart = join(root, 'config/helm');
      const { stdout } = await helm('install', 'otel-retrofit', chart);
      t.regex(stdout, /otel-retrofit \d+\.\d+\.\d+ is installed in otel-retrofit/);
      const before = new Map([...(await settled(cluster))].filter(([name]) => isInChart(name)));
      await helm('upgrade', 'otel-retrofit', chart);
      const after = new Map([...(await settled(cluster))].filter(([name]) => isInChart(name)));
      t.deepEqual(after, before);

      await helm('uninstall', 'otel-retrofit');
      await untilLeft(cluster, ['customresourcedefinitions instrumentations.opentelemetry.io']);
      t.is((await ours(cluster)).size, 2);
    });
  }

  if (emulated === '') {
    test('kubectl understands every command of guides and runbooks', async (t) => {
      const misunderstood: string[] = [];
      const { kubeconfig } = cluster;
      const source = await findSource(process.env);
      const kubectl = source.kind === 'missing' ? undefined : source.kubectl;
      const workshop = openWorkshop({ kubectl, kubeconfig });
      t.teardown(workshop.close);
      for (const { page, command } of kubectlCommands()) {
        const { code, printed: said } = await workshop.run(command);
        if (code !== 0 && complaint.test(said)) misunderstood.push(`${page}: ${command}: ${said}`);
      }
      t.deepEqual(misunderstood, []);
    });
  }

  test(`what the guide says to delete is all there is (${version})`, async (t) => {
    await dropDefinition(cluster);
    const text = printed(known(await kustomized('config/base')));
    const applied = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin: text });
    t.is(applied.code, 0, applied.stderr);
    for (const command of commandsOf('Uninstall').filter((line) =>
      line.startsWith('kubectl delete'),
    )) {
      if (command.includes('--kustomize')) continue;
      const { code, stderr } = await cluster.kubectl([
        ...command.split(' ').slice(1),
        '--wait=false',
      ]);
      t.is(code, 0, stderr);
    }
    await untilLeft(cluster, ['customresourcedefinitions instrumentations.opentelemetry.io']);
    t.pass();
  });

  test(`the control plane ends (${version})`, async (t) => {
    await cluster.stop();
    t.pass();
  });
}

/** A dry run makes no namespace for what comes after it. */
const namespacesIn = (text: string) =>
  new Set(parsed(text).flatMap(({ metadata }) => metadata.namespace ?? []));

async function ensureNamespace(cluster: Cluster, name: string): Promise<void> {
  const { code } = await cluster.adminClient.call('GET', `/api/v1/namespaces/${name}`);
  if (code === 404) await cluster.createNamespace(name);
}

const isInChart = (name: string) => !/^(?:pods|replicasets|endpoints|secrets) /.test(name);

/** The workload controllers count their pods first, and so write a status. */
const settled = (cluster: Cluster) =>
  until(
    async () => {
      const first = await ours(cluster);
      const pods = [...first.keys()].filter((name) => name.startsWith('pods '));
      const second = await ours(cluster);
      return pods.length === 4 && String([...first]) === String([...second]) && second;
    },
    { what: 'the workload controllers have nothing left to do' },
  );

/** The namespace itself is nobody's but the person's who made it. */
const untilLeft = (cluster: Cluster, left: readonly string[]) =>
  until(
    async () => {
      const names = [...(await ours(cluster)).keys()];
      const rest = names.filter((name) => name !== 'namespaces otel-retrofit');
      return rest.join() === left.join();
    },
    { what: `of ours nothing is left but ${left.join()}` },
  );

async function dropDefinition({ adminClient }: Cluster): Promise<void> {
  const path =
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/instrumentations.opentelemetry.io';
  await adminClient.call('DELETE', path);
  await until(async () => (await adminClient.call('GET', path)).code === 404, {
    what: 'the definition is gone',
  });
}

/** What kubectl says of a command that it does not know; that something is not there, it may say. */
const complaint =
  /unknown (?:command|flag|shorthand)|doesn't have a resource type|Usage:|See 'kubectl|required|must (?:be|specify)|invalid/i;

const examples: Readonly<Record<string, string>> = {
  namespace: 'shop',
  name: 'cart',
  pod: 'cart-1',
  number: '1',
  since: '1760000000',
};

/** As a person would type them, with names filled in; what changes our own installation is tried elsewhere. */
const kubectlCommands = () =>
  ['guides', 'runbooks'].flatMap((folder) =>
    readdirSync(join(root, 'docs', folder))
      .filter((file) => file.endsWith('.md'))
      .flatMap((page) => {
        const text = readFileSync(join(root, 'docs', folder, page), 'utf8');
        return [...text.matchAll(/^\$ (?<command>kubectl [^|\n]+)/gm)]
          .map(({ groups: found }) => (found?.['command'] ?? '').trim())
          .filter((command) => !/ (?:apply|delete) /.test(command))
          .map((command) => ({
            page,
            command: command.replaceAll(/<(\w+)>/g, (_, name: string) => examples[name] ?? name),
          }));
      }),
  );

/** The commands of one chapter of the guide, as they are printed there. */
function commandsOf(chapter: string): readonly string[] {
  const text = readFileSync(join(root, 'docs/guides/install.md'), 'utf8');
  const part = text.split(/^## /m).find((one) => one.startsWith(`${chapter}\n`)) ?? '';
  return [...part.matchAll(/^\$ (?<command>.+)$/gm)].map(
    ({ groups: found }) => found?.['command'] ?? '',
  );
}

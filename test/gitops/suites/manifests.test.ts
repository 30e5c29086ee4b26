import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import test from 'ava';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../../domain/json.ts';
import { marks } from '../../../crds/names.ts';
import { charted, keysIn, kustomized, nameOf, parsed, type Manifest } from '../manifests.ts';

const root = join(import.meta.dirname, '../../..');

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Each choice, as Kustomize knows it and as the chart does. */
const choices: Readonly<Record<string, JsonObject>> = {
  base: {},
  'overlays/network-policy': { networkPolicy: { enabled: true } },
  'overlays/observe-only': { remediation: 'observe' },
  'overlays/ha': { highlyAvailable: true },
  'overlays/cert-manager': { certManager: { enabled: true } },
  'overlays/prometheus-operator': { prometheusOperator: { enabled: true } },
  'overlays/restricted-namespaces': { namespaces: ['shop'] },
};

const byName = (manifests: readonly Manifest[]) =>
  new Map(manifests.map((manifest) => [nameOf(manifest), manifest]));

/** Helm has its own ways to make a namespace, and to keep a definition. */
function comparable(manifests: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  const kept = manifests.filter(({ kind }) => kind !== 'Namespace');
  return byName(kept.map(withoutPolicy).map(unfolded));
}

/** Kustomize and Helm do not agree on where a folded line ends, and CEL does not care. */
const unfolded = (manifest: Manifest) =>
  JSON.parse(
    JSON.stringify(manifest, (key, value: unknown) =>
      key === 'expression' ? String(value).replaceAll(/\s+/g, ' ') : value,
    ),
  ) as Manifest;

function withoutPolicy(manifest: Manifest): Manifest {
  if (manifest.kind !== 'CustomResourceDefinition') return manifest;
  const { annotations: _, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}

test('every overlay is a choice of the chart too', (t) => {
  const overlays = readdirSync(join(root, 'config/overlays')).map((name) => `overlays/${name}`);
  t.deepEqual(['base', ...overlays].toSorted(), Object.keys(choices).toSorted());
});

for (const [place, values] of Object.entries(choices)) {
  for (const tool of ['helm3', 'helm4'] as const) {
    test(`${tool} installs what ${place} does`, async (t) => {
      const expected = comparable(parsed(await kustomized(`config/${place}`)));
      const actual = comparable(parsed(await charted(tool, values)));
      t.deepEqual([...actual.keys()].toSorted(), [...expected.keys()].toSorted());
      for (const [name, manifest] of expected) t.deepEqual(actual.get(name), manifest, name);
    });
  }

  test(`what others may write is not in ${place}`, async (t) => {
    const texts = [await kustomized(`config/${place}`), await charted('helm3', values)];
    for (const text of texts) {
      t.false(text.includes('caBundle'));
      t.false(parsed(text).some((manifest) => keysIn(manifest).includes(marks.restart)));
    }
  });
}

test('choices go together', async (t) => {
  const all = {
    remediation: 'observe',
    highlyAvailable: true,
    certManager: { enabled: true },
    networkPolicy: { enabled: true },
    prometheusOperator: { enabled: true },
  };
  const names = byName(parsed(await charted('helm3', all)));
  const webhook = JSON.stringify(names.get('Deployment otel-retrofit/otel-retrofit-webhook'));
  t.true(webhook.includes('"replicas":3'));
  t.true(webhook.includes('RETROFIT_CERTIFICATES'));
  t.true(names.has('PrometheusRule otel-retrofit/otel-retrofit'));
});

test('components go together', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'together-'));
  const from = (place: string) => relative(folder, join(root, 'config', place));
  try {
    const components = [
      'ha',
      'cert-manager',
      'network-policy',
      'observe-only',
      'prometheus-operator',
    ];
    await writeFile(
      join(folder, 'kustomization.yaml'),
      stringify({
        resources: [from('base')],
        components: components.map((name) => from(`components/${name}`)),
      }),
    );
    const all = byName(parsed(await kustomized(folder)));
    t.true(all.has('NetworkPolicy otel-retrofit/otel-retrofit'));
    t.true(all.has('Certificate otel-retrofit/otel-retrofit-webhook'));
    t.true(all.has('PodMonitor otel-retrofit/otel-retrofit'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('in another namespace nothing speaks of ours', async (t) => {
  const manifests = parsed(await charted('helm3', { certManager: { enabled: true } }, 'telemetry'));
  const text = JSON.stringify(manifests.filter(({ kind }) => kind !== 'CustomResourceDefinition'));
  t.false(/"otel-retrofit\/|namespace":"otel-retrofit"|serviceaccount:otel-retrofit:/.test(text));
  t.true(text.includes('system:serviceaccount:telemetry:otel-retrofit-controller'));
});

test('program, chart and image are of one version', async (t) => {
  const { version } = parse(read('package.json')) as { readonly version: string };
  const chart = parse(read('config/helm/Chart.yaml')) as Readonly<Record<string, string>>;
  t.is(chart['version'], version);
  t.is(chart['appVersion'], version);
  const images = (await kustomized('config/base')).match(/(?<=image: )\S+/g);
  t.deepEqual(new Set(images), new Set([`otel-retrofit:${version}`]));
});

test('settings reach both roles alike', async (t) => {
  const settings = { 'image-java': 'mirror.example/java:1', 'restarts-per-hour': 20 };
  const deployments = parsed(await charted('helm3', { settings })).filter(
    ({ kind }) => kind === 'Deployment',
  );
  t.is(deployments.length, 2);
  for (const deployment of deployments) {
    const text = JSON.stringify(deployment);
    t.true(text.includes('{"name":"RETROFIT_IMAGE_JAVA","value":"mirror.example/java:1"}'));
    t.true(text.includes('{"name":"RETROFIT_RESTARTS_PER_HOUR","value":"20"}'));
  }
});

const mistakes: Readonly<Record<string, JsonObject>> = {
  'a choice that there is not': { highlyAvailabel: true },
  'a remediation that there is not': { remediation: 'maybe' },
  'a setting that has a choice of its own': { settings: { role: 'all' } },
  'a namespace that cannot be': { namespaces: ['Shop'] },
};

for (const [what, values] of Object.entries(mistakes)) {
  test(`the chart refuses ${what}`, async (t) => {
    const { message } = await t.throwsAsync(charted('helm3', values));
    t.regex(message, /values don't meet the specifications of the schema/);
  });
}

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { startCluster } from '../../cluster/start.ts';
import { until } from '../../cluster/until.ts';
import { placeOf } from '../tools.ts';

const guides = join(import.meta.dirname, '../../../docs/guides/gitops');
const run = promisify(execFile);

const condition = (type: string, status = 'True', message = `${type} it is`) => ({
  type,
  status,
  reason: 'Any',
  message,
  lastTransitionTime: '2026-11-21T00:00:00Z',
});

interface Look {
  readonly status?: JsonObject;
  readonly argo: 'Healthy' | 'Progressing' | 'Degraded';
  /** What Flux makes of it; it waits where an expression cannot be evaluated. */
  readonly flux: 'current' | 'inProgress' | 'failed' | 'waits';
}

/** The Instrumentation is in its first generation. */
const looks: Readonly<Record<string, Look>> = {
  'that nobody has looked at': { argo: 'Progressing', flux: 'waits' },
  'that is served': {
    status: { observedGeneration: 1, conditions: [condition('Ready')] },
    argo: 'Healthy',
    flux: 'current',
  },
  'that is served while pods lack their agents': {
    status: {
      observedGeneration: 1,
      conditions: [condition('Ready'), condition('Covered', 'False')],
    },
    argo: 'Healthy',
    flux: 'current',
  },
  'that is not served yet': {
    status: { observedGeneration: 1, conditions: [condition('Ready', 'False')] },
    argo: 'Progressing',
    flux: 'waits',
  },
  'that is being looked at': {
    status: { observedGeneration: 1, conditions: [condition('Ready'), condition('Reconciling')] },
    argo: 'Progressing',
    flux: 'inProgress',
  },
  'that only a change in Git can mend': {
    status: {
      observedGeneration: 1,
      conditions: [condition('Ready', 'False'), condition('Stalled')],
    },
    argo: 'Degraded',
    flux: 'failed',
  },
  'whose latest change nobody has looked at': {
    status: { observedGeneration: 0, conditions: [condition('Ready')] },
    argo: 'Progressing',
    flux: 'inProgress',
  },
};

/** A value as Lua writes it. */
function lua(value: Json): string {
  if (Array.isArray(value)) return `{${value.map(lua).join(',')}}`;
  if (!isObject(value)) return value === null ? 'nil' : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `[${JSON.stringify(key)}]=${lua(inner)}`)
    .join(',')}}`;
}

const script = readFileSync(join(guides, 'argocd/health.lua'), 'utf8');

async function healthOf(status: JsonObject | undefined): Promise<readonly string[]> {
  const one = { metadata: { generation: 1 }, ...(status === undefined ? {} : { status }) };
  const folder = mkdtempSync(join(tmpdir(), 'health-'));
  try {
    const file = join(folder, 'health.lua');
    writeFileSync(
      file,
      `obj = ${lua(one)}\nlocal hs = (function()\n${script}\nend)()\nprint(hs.status)\nprint(hs.message)\n`,
    );
    const { stdout } = await run(placeOf('glua'), [file]);
    return stdout.trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [which, { status, argo }] of Object.entries(looks)) {
  test(`to Argo CD an Instrumentation ${which} is ${argo}`, async (t) => {
    const [health, message = ''] = await healthOf(status);
    t.is(health, argo);
    t.true(message.length > 5);
  });
}

interface Kustomization {
  readonly spec: {
    readonly healthCheckExprs?: readonly Readonly<Record<string, string>>[];
  };
}

function expressions(): Readonly<Record<string, string>> {
  const text = readFileSync(join(guides, 'flux/otel-retrofit.yaml'), 'utf8');
  const found = parseAllDocuments(text).flatMap(
    (document) => (document.toJS() as Kustomization).spec.healthCheckExprs ?? [],
  );
  const [{ apiVersion: _, kind, ...rest } = {}] = found;
  if (found.length !== 1 || kind !== 'Instrumentation') throw new Error('one check is expected');
  return rest;
}

/** Flux speaks of an object's members, a policy of the object. */
const asPolicy = (expression: string) =>
  expression.replaceAll(/(?<![\w.])(?=(?:status|metadata)\.)/g, 'object.');

/** The API server evaluates the same language, and says as a warning which expressions hold. */
async function teach({ adminClient }: Cluster): Promise<void> {
  const group = '/apis/admissionregistration.k8s.io/v1';
  for (const [name, expression] of Object.entries(expressions())) {
    const answers = [
      await adminClient.call('POST', `${group}/validatingadmissionpolicies`, {
        metadata: { name: name.toLowerCase() },
        spec: {
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: ['opentelemetry.io'],
                apiVersions: ['v1alpha1'],
                operations: ['UPDATE'],
                resources: ['instrumentations/status'],
              },
            ],
          },
          validations: [{ expression: `!(${asPolicy(expression)})`, message: name }],
        },
      }),
      await adminClient.call('POST', `${group}/validatingadmissionpolicybindings`, {
        metadata: { name: name.toLowerCase() },
        spec: { policyName: name.toLowerCase(), validationActions: ['Warn'] },
      }),
    ];
    for (const { code, body } of answers) if (code !== 201) throw new Error(JSON.stringify(body));
  }
}

test('Flux waits, goes on or gives up as the status says', async (t) => {
  const cluster = await startCluster({ controllers: false });
  try {
    await cluster.installCrd(join(guides, '../../../crds/instrumentations.yaml'));
    await teach(cluster);
    const path = '/apis/opentelemetry.io/v1alpha1/namespaces/default/instrumentations';
    const made = await cluster.adminClient.call('POST', path, {
      apiVersion: 'opentelemetry.io/v1alpha1',
      kind: 'Instrumentation',
      metadata: { name: 'agents' },
      spec: {},
    });
    t.is(made.code, 201);
    const told = async (status: JsonObject) => {
      const type = 'application/merge-patch+json';
      const { code, headers, body } = await cluster.adminClient.call(
        'PATCH',
        `${path}/agents/status?dryRun=All`,
        { status },
        { type },
      );
      t.is(code, 200, JSON.stringify(body));
      return [headers['warning'] ?? []].flat().join('\n');
    };
    const served = looks['that is served']?.status ?? {};
    await until(async () => (await told(served)).includes('current'), {
      what: 'the policies are in force',
    });
    for (const [which, { status = { observedGeneration: 1 }, flux }] of Object.entries(looks)) {
      const warnings = await told(status);
      const holds = ['failed', 'inProgress', 'current'].find((name) =>
        warnings.includes(`': ${name}"`),
      );
      t.is(holds ?? 'waits', flux, `${which}: ${warnings}`);
    }
  } finally {
    await cluster.stop();
  }
});

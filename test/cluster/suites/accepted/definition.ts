import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestFn } from 'ava';
import { parse } from 'yaml';
import type { Cluster } from '../../cluster.ts';
import type { Answer, Resource } from '../../plane/client.ts';

interface Instrumentation extends Resource {
  readonly spec: unknown;
  readonly metadata: Resource['metadata'] & { readonly generation: number };
}

interface Refusal extends Resource {
  readonly message: string;
}

const root = join(import.meta.dirname, '../../../..');

export function instrumentationsAreStored(
  test: TestFn,
  where: () => Cluster,
  version: string,
): void {
  let installed: Answer<Resource>;
  const path = '/apis/opentelemetry.io/v1alpha1/namespaces/default/instrumentations';
  const create = (object: object, query = 'fieldValidation=Strict') =>
    where().adminClient.call<Instrumentation & Refusal>('POST', `${path}?${query}`, object);

  test(`the definition is established without a warning (${version})`, async (t) => {
    installed = await where().installCrd(join(root, 'crds/instrumentations.yaml'));
    t.is(installed.code, 201);
    t.is(installed.headers['warning'], undefined);
  });

  for (const file of fixtures('invalid')) {
    test(`${basename(file)} is refused in our words (${version})`, async (t) => {
      const text = readFileSync(file, 'utf8');
      const expected = /^# refused: (?<message>.*)$/m.exec(text)?.groups?.['message'] ?? '';
      const { code, body } = await create(parse(text) as object);
      t.true(code >= 400 && code < 500, String(code));
      t.true(body.message.includes(expected), `${body.message}\nshould say: ${expected}`);
    });
  }

  for (const file of fixtures('valid')) {
    test(`${basename(file)} is stored as it was written (${version})`, async (t) => {
      const object = parse(readFileSync(file, 'utf8')) as Instrumentation;
      const { code, body, headers } = await create({
        ...object,
        metadata: { ...object.metadata, namespace: 'default' },
      });
      t.is(code, 201, JSON.stringify(body));
      t.is(headers['warning'], undefined);
      t.deepEqual(withoutNulls(body.spec), withoutNulls(object.spec));
    });
  }

  test(`a status is patched without moving the generation (${version})`, async (t) => {
    const { body } = await create({
      apiVersion: 'opentelemetry.io/v1alpha1',
      kind: 'Instrumentation',
      metadata: { name: 'with-status' },
      spec: {},
    });
    const status = { observedGeneration: 1, pods: { wanted: 3, current: 2, missing: 1 } };
    const patched = await where().adminClient.call<Instrumentation & { status: unknown }>(
      'PATCH',
      `${path}/with-status/status`,
      { status },
      { type: 'application/merge-patch+json' },
    );
    t.is(patched.code, 200);
    t.like(patched.body.status, status);
    t.is(patched.body.metadata.generation, body.metadata.generation);
  });

  test(`kubectl explains every field (${version})`, async (t) => {
    const { code, stdout, stderr } = await where().kubectl([
      'explain',
      'instrumentation.spec',
      '--recursive',
    ]);
    t.is(code, 0, stderr);
    for (const field of ['exporter', 'java', 'nodejs', 'apacheHttpd', 'secretName', 'sampler']) {
      t.regex(stdout, new RegExp(`\\b${field}\\b`));
    }
  });
}

function fixtures(kind: 'valid' | 'invalid'): readonly string[] {
  return globSync(join(root, `test/fixtures/instrumentations/${kind}/*.yaml`)).toSorted();
}

/** An API server drops null members of custom resources. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}

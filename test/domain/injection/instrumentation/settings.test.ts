import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import {
  agentLanguages,
  languages,
  specField,
} from '../../../../domain/injection/instrumentation/settings.ts';

test('languages are injected in this order', (t) => {
  t.deepEqual(languages, [
    'java',
    'nodejs',
    'python',
    'dotnet',
    'go',
    'apache-httpd',
    'nginx',
    'sdk',
  ]);
});

test('all of them but sdk bring an agent', (t) => {
  t.deepEqual(
    agentLanguages,
    languages.filter((language) => language !== 'sdk'),
  );
});

test('the settings of every agent have a place in the API', (t) => {
  const file = join(import.meta.dirname, '../../../../crds/instrumentations.yaml');
  const crd = parse(readFileSync(file, 'utf8')) as {
    spec: { versions: [{ schema: { openAPIV3Schema: { properties: { spec: Schema } } } }] };
  };
  const { properties } = crd.spec.versions[0].schema.openAPIV3Schema.properties.spec;
  for (const language of agentLanguages) {
    const fields = Object.keys(properties[specField[language]]?.properties ?? {});
    t.true(fields.includes('image') && fields.includes('env'), language);
  }
});

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
}

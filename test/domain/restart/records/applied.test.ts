import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import { readApplied, withoutApplied } from '../../../../domain/restart/records/applied.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const applied = (annotations: unknown) => ({
  annotations: {
    team: 'shop',
    [lastApplied]: JSON.stringify({ spec: { template: { metadata: { annotations } } } }),
  },
});

const entry = (operation: string, fields: JsonObject) => ({
  managedFields: [{ operation, fieldsV1: { 'f:spec': fields } }],
});

const options = (text: string) => ({ annotations: { 'argocd.argoproj.io/sync-options': text } });

test('a last apply with an empty or null map of template annotations would erase our marker', (t) => {
  t.true(readApplied(applied({})).emptiesAnnotations);
  t.true(readApplied(applied(null)).emptiesAnnotations);
  t.false(readApplied(applied({ a: 'b' })).emptiesAnnotations);
  t.false(readApplied(applied(undefined)).emptiesAnnotations);
  t.false(readApplied({}).emptiesAnnotations);
});

test('a last apply that is no JSON says nothing', (t) => {
  for (const text of ['{', '[]', 'null', '""'])
    t.false(readApplied({ annotations: { [lastApplied]: text } }).emptiesAnnotations, text);
});

test('an apply on the server side is known by its managed fields', (t) => {
  t.true(readApplied(entry('Apply', { 'f:template': {} })).isServerSide);
  t.false(readApplied(entry('Apply', { 'f:replicas': {} })).isServerSide);
  t.false(readApplied(entry('Update', { 'f:template': {} })).isServerSide);
  t.false(readApplied({ managedFields: [null, {}] }).isServerSide);
});

test('Argo CD may be told to replace, among other things', (t) => {
  t.true(readApplied(options('Prune=false, Replace=true')).replaces);
  t.false(readApplied(options('Replace=false')).replaces);
  t.false(readApplied({}).replaces);
});

test('the last apply itself is not kept', (t) => {
  t.deepEqual(withoutApplied(applied({}).annotations), { team: 'shop' });
});

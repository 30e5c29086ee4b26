import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { until } from '../../cluster/until.ts';
import {
  ask,
  merge,
  must,
  refusal,
  strategic,
  take,
  versionOf,
  watchUntil,
  type Fact,
  type Plane,
} from '../fact.ts';

const spec = {
  type: 'object',
  required: ['mode'],
  properties: {
    mode: { type: 'string', enum: ['a', 'b'] },
    size: { type: 'integer', minimum: 1, default: 3 },
    port: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    labels: { type: 'object', additionalProperties: { type: 'string', maxLength: 5 } },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['key'],
      items: { type: 'object', required: ['key'], properties: { key: { type: 'string' } } },
    },
  },
};
const status = {
  type: 'object',
  properties: { observed: { type: 'integer' }, at: { type: 'string', format: 'date-time' } },
};

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Serves a kind; where its objects are. */
async function define(plane: Plane, plural: string, namespace: string): Promise<string> {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status } } };
  const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema };
  const names = { plural, singular: `a${plural}`, kind: `K${plural}`, listKind: `K${plural}List` };
  const definition = { group: 'lab.dev', scope: 'Namespaced', names, versions: [version] };
  const metadata = { name: `${plural}.lab.dev` };
  await must(plane, 'POST', definitions, { metadata, spec: definition });
  const path = `/apis/lab.dev/v1/namespaces/${namespace}/${plural}`;
  await served(plane, path);
  return path;
}

/** A real server builds its documents anew for each kind, and takes its time. */
const served = (plane: Plane, path: string) =>
  until(async () => (await ask(plane, 'GET', path)).code === 200, {
    what: `${path} is served`,
  });

const shared = new WeakMap<Plane, Promise<string>>();

/** A folder of its own for each fact, of one kind. */
async function folder(plane: Plane): Promise<string> {
  const namespace = await plane.namespace();
  const first = shared.get(plane) ?? define(plane, 'things', namespace);
  shared.set(plane, first);
  await first;
  return `/apis/lab.dev/v1/namespaces/${namespace}/things`;
}

/** With the type that a custom resource must tell. */
const thing = (path: string, name: string, fields: object, more: object = {}) => ({
  apiVersion: 'lab.dev/v1',
  kind: `K${path.split('/').at(-1)}`,
  metadata: { name },
  spec: fields,
  ...more,
});

const instrumentation = (fields: object) => ({
  apiVersion: 'opentelemetry.io/v1alpha1',
  kind: 'Instrumentation',
  metadata: { name: 'main' },
  spec: fields,
});

const wrong: Readonly<Record<string, object>> = {
  'lacks what is required': {},
  'names none of the choices': { mode: 'c' },
  'has the wrong type': { mode: 'a', size: 'large' },
  'is too small': { mode: 'a', size: 0 },
  'is neither number nor text': { mode: 'a', port: true },
  'is too long in a map': { mode: 'a', labels: { key: '123456' } },
  'has two of the same key': { mode: 'a', parts: [{ key: 'x' }, { key: 'x' }] },
};

export const custom: readonly Fact[] = [
  {
    title: 'a kind that somebody defines is served, and says what each item is',
    async check(t, plane) {
      const path = await folder(plane);
      await must(plane, 'POST', path, thing(path, 'one', { mode: 'a' }));
      const { kind, items } = await must(plane, 'GET', path);
      t.regex(kind ?? '', /^Kthings.*List$/);
      t.like(items?.[0], { apiVersion: 'lab.dev/v1', metadata: { name: 'one', generation: 1 } });
      const definition = await must(
        plane,
        'GET',
        `${definitions}/${path.split('/').at(-1)}.lab.dev`,
      );
      const conditions = definition.status?.['conditions'] as { type: string; status: string }[];
      t.is(conditions.find(({ type }) => type === 'Established')?.status, 'True');
    },
  },
  {
    title: 'defaults are filled in, what nobody knows is left out, and status begins empty',
    async check(t, plane) {
      const path = await folder(plane);
      const fields = { mode: 'a', size: null, unknown: 1, free: { x: 1 } };
      const body = thing(path, 'one', fields, { status: { observed: 1 } });
      const { body: made, headers } = await ask(plane, 'POST', path, body);
      t.deepEqual(made.spec, { mode: 'a', size: 3, free: { x: 1 } });
      t.is(made.status, undefined);
      t.is(headers['warning'], String.raw`299 - "unknown field \"spec.unknown\""`);
      const strict = `${path}?fieldValidation=Strict`;
      const other = thing(path, 'two', { mode: 'a', unknown: 1 });
      t.deepEqual(await refusal(plane, 'POST', strict, other), [400, 'BadRequest']);
      const patch = { spec: { unknown: 1 } };
      const at = `${path}/one?fieldValidation=Strict`;
      t.deepEqual(await refusal(plane, 'PATCH', at, patch, merge), [422, 'Invalid']);
    },
  },
  {
    title: 'a custom resource that is wrong by its schema is refused, in each way it may be',
    async check(t, plane) {
      const path = await folder(plane);
      for (const [what, fields] of Object.entries(wrong)) {
        const refused = await refusal(plane, 'POST', path, thing(path, 'one', fields));
        t.deepEqual(refused, [422, 'Invalid'], what);
      }
    },
  },
  {
    title: 'the status of a custom resource is checked, and takes nothing else with it',
    async check(t, plane) {
      const path = await folder(plane);
      await must(plane, 'POST', path, thing(path, 'one', { mode: 'a' }));
      const send = (patch: object) => ask(plane, 'PATCH', `${path}/one/status`, patch, merge);
      const metadata = { annotations: { a: 'b' } };
      const { body } = await send({ metadata, spec: { mode: 'b' }, status: { observed: 1 } });
      t.like(body, { spec: { mode: 'a' }, status: { observed: 1 } });
      t.deepEqual([body.metadata.generation, body.metadata.annotations], [1, undefined]);
      t.is((await send({ status: { observed: 'x' } })).code, 422);
      t.is((await send({ status: { at: 'yesterday' } })).code, 422);
    },
  },
  {
    title: 'the generation of a custom resource grows by its specification alone',
    async check(t, plane) {
      const path = await folder(plane);
      await must(plane, 'POST', path, thing(path, 'one', { mode: 'a' }));
      const after = async (patch: object) =>
        (await must(plane, 'PATCH', `${path}/one`, patch, merge)).metadata.generation;
      t.is(await after({ metadata: { annotations: { a: 'b' } } }), 1);
      t.is(await after({ spec: { mode: 'b' } }), 2);
      t.is(await after({ spec: { mode: 'b' } }), 2);
    },
  },
  {
    title: 'a custom resource takes no strategic patch',
    async check(t, plane) {
      const path = await folder(plane);
      await must(plane, 'POST', path, thing(path, 'one', { mode: 'a' }));
      t.is((await ask(plane, 'PATCH', `${path}/one`, {}, strategic)).code, 415);
    },
  },
  {
    title: 'with its definition a kind goes, and whoever watches hears of each object and the end',
    async check(t, plane) {
      const path = await define(plane, 'passing', await plane.namespace());
      const from = `resourceVersion=${await versionOf(plane, path)}`;
      await must(plane, 'POST', path, thing(path, 'one', { mode: 'a' }));
      // Only once it has told something is a watch sure to have begun.
      let deleted: Promise<unknown> | undefined;
      const events = await watchUntil(plane, `${path}?${from}`, () => {
        deleted ??= must(plane, 'DELETE', `${definitions}/${path.split('/').at(-1)}.lab.dev`);
        return false;
      });
      await deleted;
      const types = events.map(({ type }) => type);
      t.is(types.at(-1), 'DELETED');
      await until(async () => (await ask(plane, 'GET', path)).code === 404, { what: 'it is gone' });
    },
  },
  {
    title: 'Instrumentations are served by the definition that the product ships',
    async check(t, plane) {
      const text = await readFile(
        join(import.meta.dirname, '../../../crds/instrumentations.yaml'),
        'utf8',
      );
      await must(plane, 'POST', `${definitions}?fieldValidation=Strict`, parse(text) as object);
      const path = `/apis/opentelemetry.io/v1alpha1/namespaces/${await plane.namespace()}/instrumentations`;
      await served(plane, path);
      const endpoint = 'http://collector:4318';
      const version = (await must(plane, 'GET', path)).metadata.resourceVersion;
      const good = instrumentation({ exporter: { endpoint }, propagators: ['baggage'] });
      t.like((await must(plane, 'POST', path, good)).spec, { exporter: { endpoint } });
      const [event] = await take(plane, `${path}?resourceVersion=${version}`, 1);
      t.is(event?.object.metadata.name, 'main');
      for (const bad of [{ sampler: { type: 'none' } }, { propagators: 'baggage' }]) {
        const refused = await refusal(plane, 'POST', path, instrumentation(bad));
        t.deepEqual(refused, [422, 'Invalid'], JSON.stringify(bad));
      }
      const strict = `${path}/main?fieldValidation=Strict`;
      const patch = { spec: { nope: 1 } };
      t.deepEqual(await refusal(plane, 'PATCH', strict, patch, merge), [422, 'Invalid']);
    },
  },
];

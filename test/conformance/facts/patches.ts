import {
  aMap,
  apps,
  ask,
  aWorkload,
  core,
  json,
  merge,
  must,
  refusal,
  strategic,
  template,
  type Fact,
  type Plane,
} from '../fact.ts';

const idle = (name: string, more: object = {}) => aWorkload(name, { replicas: 0, ...more });

/** Where a new object is. */
async function made(plane: Plane, body: object, plural = 'configmaps'): Promise<string> {
  const namespace = await plane.namespace();
  const path = (plural === 'configmaps' ? core : apps)(namespace, plural);
  const { metadata } = await must(plane, 'POST', path, body);
  return `${path}/${metadata.name}`;
}

/** Workloads are paused where their controllers would write in between. */
const aDeployment = (plane: Plane, more: object = {}) =>
  made(plane, idle('web', { paused: true, ...more }), 'deployments');

export const patches: readonly Fact[] = [
  {
    title: 'a version in a patch is a precondition, and so is a uid, with another code',
    async check(t, plane) {
      const path = await made(plane, aMap('a'));
      const refused = (metadata: object) => refusal(plane, 'PATCH', path, { metadata }, merge);
      t.deepEqual(await refused({ resourceVersion: '1' }), [409, 'Conflict']);
      t.is((await refused({ resourceVersion: 'x' }))[0], 500);
      t.deepEqual(await refused({ name: 'other' }), [400, 'BadRequest']);
      const { code, body } = await ask(plane, 'PATCH', path, { metadata: { uid: 'other' } }, merge);
      t.is(code, 422);
      t.is(body.details?.causes?.[0]?.field, 'metadata.uid');
      const { uid, resourceVersion } = (await must(plane, 'GET', path)).metadata;
      const right = { metadata: { uid, resourceVersion }, data: { b: '2' } };
      t.is((await must(plane, 'PATCH', path, right, merge)).data?.['b'], '2');
    },
  },
  {
    title: 'the same patch again changes nothing, whoever sends it',
    async check(t, plane) {
      const path = await made(plane, aMap('a'));
      const patch = { data: { b: '2' } };
      const first = await must(plane, 'PATCH', `${path}?fieldManager=one`, patch, merge);
      const second = await must(plane, 'PATCH', `${path}?fieldManager=two`, patch, merge);
      t.deepEqual(second.metadata, first.metadata);
    },
  },
  {
    title: 'null takes a key away, lists are replaced',
    async check(t, plane) {
      const path = await aDeployment(plane);
      const spec = { template: { spec: { containers: [{ name: 'other', image: 'other:1' }] } } };
      const patch = { metadata: { annotations: { a: 'b' } }, spec };
      const patched = await must(plane, 'PATCH', path, patch, merge);
      t.like(patched.spec, { template: { spec: { containers: { length: 1 } } } });
      const gone = { metadata: { annotations: { a: null } } };
      t.false('a' in ((await must(plane, 'PATCH', path, gone, merge)).metadata.annotations ?? {}));
    },
  },
  {
    title: 'a dry run answers with the generation it would have, and stores nothing',
    async check(t, plane) {
      const path = await made(plane, idle('web'), 'statefulsets');
      const patch = { spec: { template: { metadata: { annotations: { a: 'b' } } } } };
      const told = await must(plane, 'PATCH', `${path}?dryRun=All`, patch, merge);
      t.is(told.metadata.generation, 2);
      t.is((await must(plane, 'GET', path)).metadata.generation, 1);
      const refused = await refusal(plane, 'PATCH', `${path}?dryRun=yes`, patch, merge);
      t.deepEqual(refused, [422, 'Invalid']);
      const all = path.slice(0, path.lastIndexOf('/'));
      t.is((await ask(plane, 'POST', `${all}?dryRun=All`, idle('dry'))).code, 201);
      t.is((await ask(plane, 'GET', `${all}/dry`)).code, 404);
      await must(plane, 'DELETE', path, { dryRun: ['All'] });
      t.is((await ask(plane, 'GET', path)).code, 200);
    },
  },
  {
    title: 'a Deployment grows its generation by spec and by annotations, not by labels or status',
    async check(t, plane) {
      const path = await aDeployment(plane);
      const after = async (patch: object, part = '') =>
        (await must(plane, 'PATCH', `${path}${part}`, patch, merge)).metadata.generation;
      t.is(await after({ metadata: { labels: { a: 'b' } } }), 1);
      t.is(await after({ metadata: { annotations: { a: 'b' } } }), 2);
      t.is(await after({ spec: { minReadySeconds: 1 } }), 3);
      t.is(await after({ metadata: { annotations: { c: 'd' } }, status: {} }, '/status'), 3);
    },
  },
  ...['statefulsets', 'daemonsets'].map((plural): Fact => ({
    title: `the generation of ${plural} grows by spec alone`,
    async check(t, plane) {
      const body = plural === 'statefulsets' ? idle('web') : aWorkload('web');
      const path = await made(plane, body, plural);
      const after = async (patch: object) =>
        (await must(plane, 'PATCH', path, patch, merge)).metadata.generation;
      t.is(await after({ metadata: { annotations: { a: 'b' }, labels: { a: 'b' } } }), 1);
      t.is(await after({ spec: { minReadySeconds: 1 } }), 2);
    },
  })),
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets'].map((plural): Fact => ({
    title: `status and the rest of ${plural} are written through different doors`,
    async check(t, plane) {
      const isPaused = plural === 'deployments';
      const body =
        plural === 'daemonsets' ? aWorkload('web') : idle('web', isPaused ? { paused: true } : {});
      const path = await made(plane, body, plural);
      const conditions = [{ type: 'Told', status: 'True' }];
      const main = await must(plane, 'PATCH', path, { status: { conditions } }, merge);
      t.notDeepEqual(main.status?.['conditions'], conditions);
      const patch = { spec: { minReadySeconds: 7 }, status: { conditions } };
      const status = await must(plane, 'PATCH', `${path}/status`, patch, merge);
      t.not(status.spec?.['minReadySeconds'], 7);
      t.like(status.status, { conditions: [{ type: 'Told' }] });
    },
  })),
  {
    title: 'a field nobody knows is refused under Strict, told under Warn, and passed under Ignore',
    async check(t, plane) {
      const path = await aDeployment(plane);
      const patch = { spec: { nope: 1 } };
      const at = (validation: string) => `${path}?fieldValidation=${validation}`;
      const strict = await ask(plane, 'PATCH', at('Strict'), patch, merge);
      t.deepEqual([strict.code, strict.body.reason], [422, 'Invalid']);
      t.regex(strict.body.message ?? '', /strict decoding error: unknown field "spec\.nope"$/);
      const warned = await ask(plane, 'PATCH', at('Warn'), patch, merge);
      t.is(warned.headers['warning'], String.raw`299 - "unknown field \"spec.nope\""`);
      t.is(warned.body.metadata.generation, 1);
      t.false('nope' in (warned.body.spec ?? {}));
      const ignored = await ask(plane, 'PATCH', at('Ignore'), patch, merge);
      t.deepEqual([ignored.code, ignored.headers['warning']], [200, undefined]);
      const all = path.slice(0, path.lastIndexOf('/'));
      const body = idle('other', patch.spec);
      const refused = await refusal(plane, 'POST', `${all}?fieldValidation=Strict`, body);
      t.deepEqual(refused, [400, 'BadRequest']);
      t.is((await ask(plane, 'POST', `${all}?fieldValidation=Ignore`, body)).code, 201);
    },
  },
  {
    title: 'a field of the wrong type is refused',
    async check(t, plane) {
      const path = await aDeployment(plane);
      const wrong = { spec: { replicas: 'many' } };
      t.deepEqual(await refusal(plane, 'PATCH', path, wrong, merge), [422, 'Invalid']);
      const all = path.slice(0, path.lastIndexOf('/'));
      const body = idle('other', wrong.spec);
      t.deepEqual(await refusal(plane, 'POST', all, body), [400, 'BadRequest']);
    },
  },
  {
    title: 'a workload selects its own pods, and always the same',
    async check(t, plane) {
      const path = await aDeployment(plane);
      const patch = { spec: { selector: { matchLabels: { app: 'other' } } } };
      t.deepEqual(await refusal(plane, 'PATCH', path, patch, merge), [422, 'Invalid']);
    },
  },
  {
    title: 'writers are known by their manager, status by its own entry',
    async check(t, plane) {
      const path = await aDeployment(plane);
      const status = `${path}/status?fieldManager=other`;
      const { metadata } = await must(
        plane,
        'PATCH',
        status,
        { status: { collisionCount: 1 } },
        merge,
      );
      const entries = metadata.managedFields ?? [];
      t.true(entries.some((one) => one.manager === 'other' && one.subresource === 'status'));
      const patch = { metadata: { labels: { a: 'b' } } };
      const labelled = await must(plane, 'PATCH', `${path}?fieldManager=third`, patch, merge);
      t.true(labelled.metadata.managedFields?.some(({ manager }) => manager === 'third'));
    },
  },
  {
    title:
      'a JSON patch that does not apply is refused whole, but may replace a key that is not there',
    async check(t, plane) {
      const path = await made(plane, aMap('a'));
      const send = (operations: object) => refusal(plane, 'PATCH', path, operations, json);
      const add = { op: 'add', path: '/data/z', value: '3' };
      const invalid = [422, 'Invalid'];
      t.deepEqual(await send([add, { op: 'test', path: '/data/a', value: '9' }]), invalid);
      t.deepEqual(await send([{ op: 'remove', path: '/data/none' }]), invalid);
      t.deepEqual(await send([{ op: 'add', path: '/none/a', value: '1' }]), invalid);
      t.deepEqual(await send({ op: 'remove' }), [400, 'BadRequest']);
      t.is((await send([{ op: 'replace', path: '/data/y', value: '2' }]))[0], 200);
      t.deepEqual((await must(plane, 'GET', path)).data, { a: '1', y: '2' });
    },
  },
  {
    title:
      'a strategic patch knows containers and variables by name, puts new ones first, and may delete one',
    async check(t, plane) {
      const env = ['A', 'B'].map((name) => ({ name, value: '1' }));
      const containers = [{ name: 'app', image: 'app:1', env }];
      const path = await aDeployment(plane, {
        template: { ...template('web'), spec: { containers } },
      });
      const changed = [
        { name: 'C', value: '3' },
        { name: 'A', $patch: 'delete' },
      ];
      const patch = { template: { spec: { containers: [{ name: 'app', env: changed }] } } };
      const { spec } = await must(plane, 'PATCH', path, { spec: patch }, strategic);
      t.like(spec, {
        template: {
          spec: { containers: [{ image: 'app:1', env: [{ name: 'C' }, { name: 'B' }] }] },
        },
      });
    },
  },
  {
    title: 'a patch must say what kind of patch it is, and find what it patches',
    async check(t, plane) {
      const path = await made(plane, aMap('a'));
      const untold = await refusal(plane, 'PATCH', path, {}, { type: 'application/json' });
      t.deepEqual(untold, [415, 'UnsupportedMediaType']);
      for (const type of [merge, strategic]) {
        t.deepEqual(await refusal(plane, 'PATCH', `${path}-none`, {}, type), [404, 'NotFound']);
      }
    },
  },
  {
    title: 'of many patches at once none is lost',
    async check(t, plane) {
      const path = await made(plane, aMap('a'));
      const keys = Array.from({ length: 15 }, (_, index) => `key-${index}`);
      const send = (key: string) => must(plane, 'PATCH', path, { data: { [key]: 'x' } }, merge);
      await Promise.all(keys.map(send));
      t.is(Object.keys((await must(plane, 'GET', path)).data ?? {}).length, 16);
    },
  },
];

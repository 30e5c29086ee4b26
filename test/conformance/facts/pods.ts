import { until } from '../../cluster/until.ts';
import { createClient } from '../../cluster/plane/client.ts';
import {
  aPod,
  ask,
  core,
  merge,
  must,
  refusal,
  sorted,
  strategic,
  take,
  versionOf,
  type Fact,
  type Plane,
} from '../fact.ts';

/** Where a new pod is. */
async function place(plane: Plane, name = 'a'): Promise<string> {
  const all = core(await plane.namespace(), 'pods');
  await must(plane, 'POST', all, aPod(name));
  return `${all}/${name}`;
}

const node = async (plane: Plane) => {
  const name = `node-${await plane.namespace()}`;
  await must(plane, 'POST', '/api/v1/nodes', { metadata: { name } });
  return name;
};

const binding = (name: string) => ({
  metadata: { name: 'a' },
  target: { kind: 'Node', name },
});

const condition = (type: string) => ({ type, status: 'True' });
const only = (uid: string) => ({ gracePeriodSeconds: 0, preconditions: { uid } });
const podOf = (spec: object) => ({ metadata: { name: 'a' }, spec });

export const pods: readonly Fact[] = [
  {
    title: 'a pod begins Pending, with its defaults and its account',
    async check(t, plane) {
      const pod = await must(plane, 'GET', await place(plane));
      t.is(pod.status?.['phase'], 'Pending');
      t.like(pod.spec, {
        restartPolicy: 'Always',
        serviceAccountName: 'default',
        terminationGracePeriodSeconds: 30,
        containers: [{ terminationMessagePath: '/dev/termination-log', resources: {} }],
      });
      t.is(pod.metadata.generation, 1);
    },
  },
  {
    title: 'a pod is bound once, to a node it then names',
    async check(t, plane) {
      const [path, name] = [await place(plane), await node(plane)];
      const other = { ...binding(name), metadata: { name: 'b' } };
      t.is((await ask(plane, 'POST', `${path}/binding`, other)).code, 400);
      t.is((await ask(plane, 'POST', `${path}/binding`, binding(name))).code, 201);
      const again = await refusal(plane, 'POST', `${path}/binding`, binding(name));
      t.deepEqual(again, [409, 'Conflict']);
      t.like(await must(plane, 'GET', path), {
        spec: { nodeName: name },
        status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
      });
    },
  },
  {
    title: 'the status of a pod is merged by the types of its conditions',
    async check(t, plane) {
      const path = await place(plane);
      const send = (type: string) =>
        must(
          plane,
          'PATCH',
          `${path}/status`,
          { status: { conditions: [condition(type)] } },
          strategic,
        );
      await send('Initialized');
      const { status } = await send('Ready');
      const conditions = (status?.['conditions'] ?? []) as { type: string }[];
      const types = conditions.map(({ type }) => type);
      t.deepEqual(sorted(types), ['Initialized', 'Ready']);
      const running = { status: { phase: 'Running' } };
      const patched = await must(plane, 'PATCH', `${path}/status`, running, merge);
      t.is(patched.status?.['phase'], 'Running');
    },
  },
  {
    title: 'a pod that nobody has taken goes at once',
    async check(t, plane) {
      const path = await place(plane);
      const gone = await must(plane, 'DELETE', path);
      t.is(gone.metadata.deletionGracePeriodSeconds, 0);
      t.is((await ask(plane, 'GET', path)).code, 404);
    },
  },
  {
    title: 'a bound pod stays until its kubelet lets it go',
    async check(t, plane) {
      const [path, name] = [await place(plane), await node(plane)];
      await must(plane, 'POST', `${path}/binding`, binding(name));
      const { metadata } = await must(plane, 'DELETE', path);
      t.is(metadata.deletionGracePeriodSeconds, 30);
      t.true(Date.parse(metadata.deletionTimestamp ?? '') > Date.now() + 20_000);
      t.deepEqual(await refusal(plane, 'DELETE', path, only('other')), [409, 'Conflict']);
      t.is((await ask(plane, 'DELETE', path, only(metadata.uid))).code, 200);
      t.is((await ask(plane, 'GET', path)).code, 404);
    },
  },
  {
    title: 'a pod that cannot be is refused',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'pods');
      const [one] = [{ name: 'c', image: 'app:1' }];
      const refused = (spec: object) => refusal(plane, 'POST', path, podOf(spec));
      const invalid = [422, 'Invalid'];
      t.deepEqual(await refused({ containers: [] }), invalid);
      t.deepEqual(await refused({ containers: [{ name: 'c' }] }), invalid);
      t.deepEqual(await refused({ containers: [one, one] }), invalid);
      const volumeMounts = [{ name: 'none', mountPath: '/a' }];
      t.deepEqual(await refused({ containers: [{ ...one, volumeMounts }] }), invalid);
      t.deepEqual(await refused({ containers: [{ name: 'c', image: 5 }] }), [400, 'BadRequest']);
    },
  },
  {
    title: 'a pod needs its account',
    async check(t, plane) {
      const namespace = await plane.namespace();
      const pod = {
        metadata: { name: 'a' },
        spec: { ...aPod('a').spec, serviceAccountName: 'none' },
      };
      t.deepEqual(await refusal(plane, 'POST', core(namespace, 'pods'), pod), [403, 'Forbidden']);
    },
  },
  {
    title: 'a pod without a node has nothing in its log',
    async check(t, plane) {
      const path = await place(plane);
      t.is((await ask(plane, 'GET', `${path}/log?container=app`)).code, 204);
    },
  },
  {
    title: 'the status of a node is its own, and a taint can be lifted',
    async check(t, plane) {
      const path = `/api/v1/nodes/${await node(plane)}`;
      const status = { conditions: [{ type: 'Ready', status: 'True' }] };
      const ready = await must(plane, 'PATCH', `${path}/status`, { status }, merge);
      t.like(ready.status, { conditions: [{ type: 'Ready', status: 'True' }] });
      const bare = await must(plane, 'PATCH', path, { spec: { taints: null } }, merge);
      t.is(bare.spec?.['taints'], undefined);
      await must(plane, 'DELETE', path);
    },
  },
  {
    title: 'a ServiceAccount gets a token, which is worth nothing once the account is gone',
    async check(t, plane) {
      const accounts = core(await plane.namespace(), 'serviceaccounts');
      await must(plane, 'POST', accounts, { metadata: { name: 'robot' } });
      const { code, body } = await plane.client.call<{ status: { token: string } }>(
        'POST',
        `${accounts}/robot/token`,
        { spec: { expirationSeconds: 600 } },
      );
      t.is(code, 201);
      const robot = createClient({ ...plane, token: body.status.token });
      const codeOf = async () => (await ask({ client: robot }, 'GET', '/version')).code;
      t.is(await codeOf(), 200);
      await must(plane, 'DELETE', `${accounts}/robot`);
      await until(async () => (await codeOf()) === 401, { what: 'the token is refused' });
      await robot.close();
    },
  },
  {
    title: 'a namespace has its name as a label, its account and its authority',
    needsControllers: true,
    async check(t, plane) {
      const name = `own-${await plane.namespace()}`;
      const all = '/api/v1/namespaces';
      const version = await versionOf(plane, all);
      const made = await must(plane, 'POST', all, { metadata: { name } });
      t.is(made.metadata.labels?.['kubernetes.io/metadata.name'], name);
      t.like(made, { status: { phase: 'Active' }, spec: { finalizers: ['kubernetes'] } });
      for (const path of ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']) {
        const isThere = async () =>
          (await ask(plane, 'GET', `${all}/${name}/${path}`)).code === 200;
        await until(isThere, { what: `${path} is there` });
      }
      const annotations = { metadata: { annotations: { a: 'b' } } };
      await must(plane, 'PATCH', `${all}/${name}`, annotations, merge);
      const selected = `fieldSelector=metadata.name=${name}`;
      const events = await take(plane, `${all}?${selected}&resourceVersion=${version}`, 2);
      t.deepEqual(
        events.map(({ type }) => type),
        ['ADDED', 'MODIFIED'],
      );
    },
  },
  {
    title: 'a namespace takes nothing new while it goes, and goes when nothing is held in it',
    needsControllers: true,
    async check(t, plane) {
      const path = `/api/v1/namespaces/${await plane.namespace()}`;
      const held = { metadata: { name: 'held', finalizers: ['lab.dev/hold'] } };
      await must(plane, 'POST', `${path}/configmaps`, held);
      t.is((await must(plane, 'DELETE', path)).status?.['phase'], 'Terminating');
      const late = await ask(plane, 'POST', `${path}/configmaps`, { metadata: { name: 'late' } });
      t.is(late.code, 403);
      t.is(late.body.details?.causes?.[0]?.reason, 'NamespaceTerminating');
      const free = { metadata: { finalizers: null } };
      await must(plane, 'PATCH', `${path}/configmaps/held`, free, merge);
      const isGone = async () => (await ask(plane, 'GET', path)).code === 404;
      await until(isGone, { what: `${path} is gone` });
    },
  },
  {
    title: 'what holds a namespace is let go through a door of its own',
    async check(t, plane) {
      const name = await plane.namespace();
      const path = `/api/v1/namespaces/${name}`;
      const free = {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
        spec: { finalizers: [] },
      };
      const freed = await must(plane, 'PUT', `${path}/finalize`, free);
      t.is((freed.spec?.['finalizers'] as unknown[] | undefined)?.length ?? 0, 0);
      t.is(freed.status?.['phase'], 'Active');
    },
  },
];

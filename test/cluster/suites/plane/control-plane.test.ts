import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import anyTest, { type TestFn } from 'ava';
import { findSource } from '../../binaries.ts';
import type { Cluster } from '../../cluster.ts';
import type { Resource } from '../../plane/client.ts';
import { isOurs } from '../../plane/ours.ts';
import { startCluster } from '../../start.ts';
import { until } from '../../until.ts';

interface Version {
  readonly minor: string;
  readonly emulationMinor: string;
}

interface List {
  readonly items: readonly Resource[];
}

const test = anyTest as TestFn<{ cluster: Cluster; startMs: number }>;

/** What is said here of a control plane of our own, nobody should try on a cluster of theirs. */
const ours = isOurs ? test.serial : test.serial.skip;

test.before(async (t) => {
  const startedAt = performance.now();
  const tokens = [{ token: 'a-static-token', user: 'nora', groups: ['readers', 'writers'] }];
  const options = isOurs ? { tokens } : {};
  t.context.cluster = await startCluster(options);
  t.context.startMs = performance.now() - startedAt;
});

test.after.always(async (t) => {
  await t.context.cluster?.stop();
});

ours('a control plane starts in seconds and says which version it is', async (t) => {
  const { cluster, startMs } = t.context;
  const { body } = await cluster.adminClient.call<Version>('GET', '/version');
  t.like(body, { minor: '36', emulationMinor: '36' });
  t.true(startMs < 60_000);
  t.log(`ready after ${Math.round(startMs)} ms`);
});

test.serial('an object that is created is seen by a watch', async (t) => {
  const { adminClient, createNamespace } = t.context.cluster;
  await createNamespace('watched');
  const maps = '/api/v1/namespaces/watched/configmaps';
  const end = new AbortController();
  const events = adminClient.watch(`${maps}?fieldSelector=metadata.name%3Dseen`, end.signal);

  const created = await adminClient.call('POST', maps, { metadata: { name: 'seen' } });
  t.is(created.code, 201);
  for await (const { type, object } of events) {
    t.is(type, 'ADDED');
    t.is(object.metadata.uid, created.body.metadata.uid);
    break;
  }
  end.abort();
});

test.serial(
  'a Deployment gets its ReplicaSet and its pods, which carry a token volume',
  async (t) => {
    const { adminClient, createNamespace, hasControllers } = t.context.cluster;
    if (!hasControllers) {
      t.pass('there is no controller manager among these binaries');
      return;
    }
    await createNamespace('deployed');
    const apps = '/apis/apps/v1/namespaces/deployed';
    const created = await adminClient.call('POST', `${apps}/deployments`, aDeployment());
    t.is(created.code, 201);

    const [replicaSet] = await until(
      async () => {
        const { body } = await adminClient.call<List>('GET', `${apps}/replicasets`);
        return body.items.length > 0 && body.items;
      },
      { what: 'the Deployment has a ReplicaSet' },
    );
    t.regex(String(replicaSet?.metadata.name), /^web-[a-z0-9]+$/);
    const pods = await until(
      async () => {
        const { body } = await adminClient.call<List>('GET', '/api/v1/namespaces/deployed/pods');
        return body.items.length === 2 && body.items;
      },
      { what: 'the ReplicaSet has two pods' },
    );
    t.true(pods.every((pod) => JSON.stringify(pod).includes('"kube-api-access-')));
  },
);

ours('the audit log names who called, and what came of it', async (t) => {
  const { cluster } = t.context;
  await cluster.createNamespace('audited');
  const token = await cluster.serviceAccountToken('audited', 'default');
  const { client } = await cluster.signIn({ token });
  const answer = await client.call('GET', '/api/v1/namespaces/audited/secrets');

  t.is(answer.code, 403);
  const lines = await cluster.auditLines();
  const theirs = lines.filter(
    ({ user }) => user.username === 'system:serviceaccount:audited:default',
  );
  t.is(theirs.length, 1);
  t.like(theirs[0], {
    verb: 'list',
    objectRef: { resource: 'secrets', namespace: 'audited' },
    responseStatus: { code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  });
});

ours('a user signs in with a certificate or a static token, and is who it says', async (t) => {
  const { signIn } = t.context.cluster;
  const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const askedAs = async (who: Parameters<Cluster['signIn']>[0]) => {
    const { client } = await signIn(who);
    return (await client.call('POST', review, { metadata: {} })).body;
  };
  const userInfo = { username: 'nora', groups: ['readers', 'writers', 'system:authenticated'] };
  t.like(await askedAs({ token: 'a-static-token' }), { status: { userInfo } });
  t.like(await askedAs({ user: 'nora', groups: ['readers', 'writers'] }), { status: { userInfo } });
});

test.serial('kubectl speaks to the cluster, and reads what it is given', async (t) => {
  const { createNamespace, kubectl } = t.context.cluster;
  await createNamespace('typed');
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'given' } };
  const args = ['apply', '--namespace=typed', '--filename=-'];

  const applied = await kubectl(args, { stdin: JSON.stringify(map) });
  t.like(applied, { code: 0, stdout: 'configmap/given created\n' });
  const refused = await kubectl(['get', 'configmap', 'absent', '--namespace=typed']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /"absent" not found/);
});

ours('a custom resource definition is served as soon as it is installed', async (t) => {
  const { adminClient, directory, installCrd } = t.context.cluster;
  const file = join(directory, 'colours.yaml');
  await writeFile(file, colours);

  const { headers } = await installCrd(file);
  t.is(headers['warning'], undefined);
  const red = { apiVersion: 'test.example/v1', kind: 'Colour', metadata: { name: 'red' } };
  const created = await adminClient.call('POST', '/apis/test.example/v1/colours', red);
  t.is(created.code, 201);
});

ours('a restarted API server has all it had, at the same address', async (t) => {
  const { adminClient, createNamespace, restartApiServer, killApiServer } = t.context.cluster;
  await createNamespace('kept');
  const before = await adminClient.call('GET', '/api/v1/namespaces/kept');
  await restartApiServer();
  t.deepEqual((await adminClient.call('GET', '/api/v1/namespaces/kept')).body, before.body);

  await killApiServer();
  await t.throwsAsync(adminClient.call('GET', '/api/v1/namespaces/kept'));
  await restartApiServer();
  t.deepEqual((await adminClient.call('GET', '/api/v1/namespaces/kept')).body, before.body);
  await createNamespace('new-after-the-crash');
});

ours('what cannot start says why, and leaves nothing behind', async (t) => {
  const error = await t.throwsAsync<Error>(startCluster({ featureGates: { NoSuchGate: true } }));
  t.regex(error.message, /kube-apiserver has ended:[^]*unrecognized feature gate: NoSuchGate/);
});

ours('no program outlives an owner who is killed', async (t) => {
  const script = `
    const { startCluster } = await import(${JSON.stringify(new URL('../../start.ts', import.meta.url))});
    const { directory, programs } = await startCluster();
    console.log(JSON.stringify({ directory, pids: programs().map(({ pid }) => pid) }));`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  const { directory, pids } = JSON.parse(line) as { directory: string; pids: readonly number[] };
  t.true(pids.length >= 2);
  t.true(pids.every(isAlive));

  owner.kill('SIGKILL');
  await until(() => !pids.some(isAlive), { what: 'every program has ended' });
  await until(() => !existsSync(directory), { what: 'the folder is gone' });
  t.pass();
});

ours(
  'binaries without a controller manager make the API half of a cluster, of an older minor too',
  async (t) => {
    const source = await findSource(process.env);
    if (source.kind !== 'programs') throw new Error('This run has started from binaries.');
    const assets = await mkdtemp(join(tmpdir(), 'retrofit-assets-'));
    await symlink(source.etcd, join(assets, 'etcd'));
    await symlink(source.apiServer, join(assets, 'kube-apiserver'));
    const cluster = await withSetting('KUBEBUILDER_ASSETS', assets, () =>
      startCluster({ emulated: '1.33' }),
    );

    t.false(cluster.hasControllers);
    const { body } = await cluster.adminClient.call<Version>('GET', '/version');
    t.like(body, { minor: '36', emulationMinor: '33' });
    await cluster.createNamespace('bare');
    const pod = { metadata: { name: 'alone' }, spec: aDeployment().spec.template.spec };
    const created = await cluster.adminClient.call('POST', '/api/v1/namespaces/bare/pods', pod);
    t.is(created.code, 201);

    const pids = cluster.programs().map(({ pid }) => pid);
    const port = Number(new URL(cluster.server).port);
    t.is(pids.length, 2);
    t.true(pids.every(isAlive));
    t.true(await isListening(port));
    await cluster.stop();
    t.deepEqual(pids.filter(isAlive), []);
    t.false(await isListening(port));
    t.false(existsSync(cluster.directory));
    await rm(assets, { recursive: true });
  },
);

ours('an existing cluster is used as it is, and left as it was', async (t) => {
  const { kubeconfig, programs } = t.context.cluster;
  const guest = await withSetting('RETROFIT_KUBECONFIG', kubeconfig, startCluster);

  t.is(guest.origin, 'existing');
  await guest.createNamespace('visited');
  await t.throwsAsync(guest.restartApiServer(), { message: /unset RETROFIT_KUBECONFIG/ });
  await guest.stop();
  t.false(existsSync(guest.directory));
  t.true(programs().length >= 2);
  t.true(existsSync(kubeconfig));
});

async function withSetting<T>(name: string, value: string, step: () => Promise<T>): Promise<T> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return await step();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

const aDeployment = () => ({
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'example.test/web' }] },
    },
  },
});

const colours = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: colours.test.example }
spec:
  group: test.example
  names: { kind: Colour, listKind: ColourList, plural: colours, singular: colour }
  scope: Cluster
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }
`;

/** A zombie has ended: that nobody has fetched its exit code yet is the machine's affair. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

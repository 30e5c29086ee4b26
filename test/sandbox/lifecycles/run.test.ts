import test from 'ava';
import type { Api } from '../../../sandbox/api.ts';
import { startSandbox, type Sandbox } from '../../../sandbox/start.ts';
import { until } from '../../cluster/until.ts';
import { aDaemonSet, aDeployment } from './builders.ts';

let sandbox: Sandbox;

test.before(async () => {
  sandbox = await startSandbox();
});

test.after.always(() => sandbox?.stop());

const namesIn = async (api: Api, path: string) => {
  const { items = [] } = (await api.call('GET', path)).body;
  return items.map(({ metadata }) => metadata.name);
};

/** A namespace of its own, with the account that pods run as. */
async function openNamespace(name: string) {
  const { api } = sandbox;
  await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await until(async () => (await api.call('GET', account)).code === 200, { what: account });
  const apps = `/apis/apps/v1/namespaces/${name}`;
  const pods = `/api/v1/namespaces/${name}/pods`;
  const awaitPods = (count: number) =>
    until(async () => (await namesIn(api, pods)).length === count, { what: `${count} pods` });
  return { api, account, apps, pods, awaitPods };
}

function deployment() {
  const { updateStrategy: _other, ...spec } = aDeployment().spec;
  return { metadata: { name: 'cart' }, spec };
}

test('what a deleted Deployment owned goes after it', async (t) => {
  const { api, apps, awaitPods } = await openNamespace('deleted');
  await api.call('POST', `${apps}/deployments`, deployment());
  await awaitPods(4);
  await api.call('DELETE', `${apps}/deployments/cart`);
  await awaitPods(0);
  t.deepEqual(await namesIn(api, `${apps}/replicasets`), []);
});

test('a namespace goes when all that was in it has gone', async (t) => {
  const { api, apps, pods, awaitPods } = await openNamespace('closing');
  await api.call('POST', `${apps}/deployments`, deployment());
  await awaitPods(4);
  await api.call('DELETE', '/api/v1/namespaces/closing');
  const isGone = async () => (await api.call('GET', '/api/v1/namespaces/closing')).code === 404;
  t.true(await until(isGone, { what: 'the namespace is gone' }));
  t.deepEqual(await namesIn(api, pods), []);
  t.deepEqual(await namesIn(api, `${apps}/replicasets`), []);
});

test('pods that were refused come as soon as they are allowed', async (t) => {
  const { api, account, apps, pods, awaitPods } = await openNamespace('refusing');
  await api.call('DELETE', account);
  await api.call('POST', `${apps}/deployments`, deployment());
  const isRefused = () =>
    sandbox.requests().some(({ path, code }) => path === pods && code === 403);
  await until(isRefused, { what: 'a pod is refused' });
  t.deepEqual(await namesIn(api, pods), []);
  const accounts = account.replace('/default', '');
  await api.call('POST', accounts, { metadata: { name: 'default' } });
  await t.notThrowsAsync(awaitPods(4));
});

test('a DaemonSet follows the nodes that come and go', async (t) => {
  const { api, apps, awaitPods } = await openNamespace('nodes');
  const { replicas: _count, strategy: _other, ...spec } = aDaemonSet().spec;
  await api.call('POST', `${apps}/daemonsets`, { metadata: { name: 'agent' }, spec });
  for (const name of ['one', 'two'])
    await api.call('POST', '/api/v1/nodes', { metadata: { name } });
  await awaitPods(2);
  await api.call('DELETE', '/api/v1/nodes/one');
  await t.notThrowsAsync(awaitPods(1));
});

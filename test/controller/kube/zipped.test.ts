import test, { type ExecutionContext } from 'ava';
import { KubeConfig } from '@kubernetes/client-node';
import type { Fault } from '../../../controller/kube/fault.ts';
import { createTransport, type Call } from '../../../controller/kube/transport.ts';
import { startSandbox } from '../../../sandbox/start.ts';
import { FakeApi } from '../../support/faults/api.ts';
import { serve } from '../../support/faults/serve.ts';

const call: Call = {
  verb: 'list',
  resource: 'configmaps',
  path: '/api/v1/configmaps',
  deadlineMs: 5_000,
};

function transportTo(t: ExecutionContext, kubeconfig: string, zipsLists: boolean) {
  const choice = new KubeConfig();
  choice.loadFromString(kubeconfig);
  const transport = createTransport(choice, { version: '0', zipsLists });
  t.teardown(() => transport.close());
  return transport;
}

test('a long list comes compressed to who asks for that, and says the same', async (t) => {
  const sandbox = await startSandbox({ lifecycles: false });
  t.teardown(() => sandbox.stop());
  const path = '/api/v1/namespaces/default/configmaps';
  const data = { text: 'ü'.repeat(100_000) };
  await sandbox.api.call('POST', path, { metadata: { name: 'long' }, data });
  const zipped = await transportTo(t, sandbox.kubeconfig, true).send(call);
  const plain = await transportTo(t, sandbox.kubeconfig, false).send(call);
  t.is(zipped.headers['content-encoding'], 'gzip');
  t.is(plain.headers['content-encoding'], undefined);
  t.true(zipped.text === plain.text);
  t.true(zipped.text.includes(data.text));
});

test('what calls itself compressed and is not is a garbled answer', async (t) => {
  const served = await serve(new FakeApi());
  t.teardown(() => served.stop());
  const headers = { 'content-encoding': 'gzip' };
  served.reply = () => ({ kind: 'answer', code: 200, headers, text: '{}' });
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromClusterAndUser(
    { name: 'c', server: served.url, skipTLSVerify: true },
    { name: 'u' },
  );
  const transport = transportTo(t, kubeconfig.exportConfig(), true);
  const fault = await t.throwsAsync<Fault>(transport.send(call));
  t.is(fault?.key, 'Garbled');
});

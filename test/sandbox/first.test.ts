import test from 'ava';
import { startSandbox } from '../../sandbox/start.ts';

test('a pod is made and read', async (t) => {
  const sandbox = await startSandbox();
  const made = await sandbox.api.call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'x' }] } });
  t.is(made.code, 201, JSON.stringify(made.body, null, 1));
  t.log(JSON.stringify(made.body));
  await sandbox.stop();
});

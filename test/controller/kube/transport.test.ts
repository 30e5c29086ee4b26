import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { readKubeConfig } from '../../../controller/kube/credentials.ts';
import type { Fault } from '../../../controller/kube/fault.ts';
import { machineTime } from '../../../controller/kube/pace.ts';
import {
  createTransport,
  type Call,
  type TransportOptions,
} from '../../../controller/kube/transport.ts';
import { FakeApi, json } from '../../support/faults/api.ts';
import { startProxy } from '../../support/faults/way.ts';
import { makeCertificates } from '../../support/faults/certificate.ts';
import { serve, type Asked } from '../../support/faults/serve.ts';

const certificates = await makeCertificates();

const call: Call = { verb: 'list', resource: 'pods', path: '/api/v1/pods', deadlineMs: 5_000 };

async function scene(
  t: ExecutionContext,
  user: Partial<User> = {},
  options: Partial<TransportOptions> = {},
) {
  const served = await serve(new FakeApi(), certificates);
  const asked: Asked[] = [];
  served.reply = (request) => void asked.push(request);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    {
      name: 'c',
      server: served.url,
      caData: Buffer.from(certificates.ca).toString('base64'),
      skipTLSVerify: false,
    },
    { name: 'u', ...user },
  );
  const transport = createTransport(kubeConfig, { version: '1.2.3', ...options });
  const dir = await mkdtemp(join(tmpdir(), 'retrofit-transport-'));
  t.teardown(async () => {
    await transport.close();
    await served.stop();
    await rm(dir, { recursive: true });
  });
  return { served, asked, transport, dir, kubeConfig };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const cluster = (name: string, server: string) => ({ name, cluster: { server } });

const refusal = json(401, { kind: 'Status', message: 'Unauthorized', code: 401 });

test('what an answer says the time is gets told, with when it was asked for', async (t) => {
  const told: (readonly [string, number])[] = [];
  const observeDate = (date: string, sentAt: number) => void told.push([date, sentAt]);
  const { transport } = await scene(t, {}, { observeDate });
  const before = machineTime.now();
  await transport.send(call);
  const [date, sentAt] = told[0] ?? ['', 0];
  t.true(Math.abs(Date.parse(date) - Date.now()) < 60_000, date);
  t.true(sentAt >= before && sentAt <= machineTime.now());
});

test('two hundred calls in a row share a connection or two', async (t) => {
  const { served, transport } = await scene(t);
  for (let n = 0; n < 200; n += 1) t.is((await transport.send(call)).code, 200);
  t.true(served.connections <= 3, String(served.connections));
});

test.serial('many calls at once are bounded in connections', async (t) => {
  const { served, transport } = await scene(t);
  await Promise.all(Array.from({ length: 300 }, () => transport.send(call)));
  t.true(served.connections <= 64, String(served.connections));
});

test('whoever wants few connections gets no more, and all their answers', async (t) => {
  const { served, transport } = await scene(t, {}, { connections: 2 });
  const answers = await Promise.all(Array.from({ length: 40 }, () => transport.send(call)));
  t.true(answers.every(({ code }) => code === 200));
  t.is(served.connections, 2);
});

test('a request says which product and version sent it', async (t) => {
  const { asked, transport } = await scene(t);
  await transport.send(call);
  t.is(asked[0]?.headers['user-agent'], 'otel-retrofit/1.2.3');
});

test('a client certificate says who we are', async (t) => {
  const { cert, key } = certificates.client;
  const { asked, transport } = await scene(t, { certData: base64(cert), keyData: base64(key) });
  await transport.send(call);
  t.is(asked[0]?.clientName, 'tester');
});

test('a token, and a name with a password, say who we are', async (t) => {
  const token = await scene(t, { token: 'abc' });
  await token.transport.send(call);
  t.is(token.asked[0]?.headers.authorization, 'Bearer abc');
  const basic = await scene(t, { username: 'a', password: 'b' });
  await basic.transport.send(call);
  t.is(basic.asked[0]?.headers.authorization, 'Basic YTpi');
});

test('a server whose authority we do not know is not talked to', async (t) => {
  const { served, transport: _ } = await scene(t);
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: served.url, skipTLSVerify: false },
    { name: 'u' },
  );
  const transport = createTransport(kubeConfig, { version: '1' });
  t.teardown(() => transport.close());
  const fault = await t.throwsAsync<Fault>(transport.send(call));
  t.is(fault.key, 'UntrustedCertificate');
});

test('a token that was rotated in its file is read again as soon as the old one is refused', async (t) => {
  const { asked, served, transport, dir, kubeConfig } = await scene(t);
  const tokenFile = join(dir, 'token');
  await writeFile(tokenFile, 'old\n');
  Object.assign(kubeConfig, {
    users: [{ name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile } } }],
  });
  served.reply = (request) => {
    asked.push(request);
    return request.headers.authorization === 'Bearer old' && asked.length > 1 ? refusal : undefined;
  };
  t.is((await transport.send(call)).code, 200);
  await writeFile(tokenFile, 'new\n');
  t.is((await transport.send(call)).code, 200);
  t.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    ['Bearer old', 'Bearer old', 'Bearer new'],
  );
});

test('a token that was rotated in its file is read again after half a minute', async (t) => {
  let now = 0;
  const time = { ...machineTime, now: () => now };
  const { asked, transport, dir, kubeConfig } = await scene(t, {}, { time });
  const tokenFile = join(dir, 'token');
  await writeFile(tokenFile, 'old');
  Object.assign(kubeConfig, {
    users: [{ name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile } } }],
  });
  await transport.send(call);
  await writeFile(tokenFile, 'new');
  await transport.send(call);
  now = 31_000;
  await transport.send(call);
  await rm(tokenFile);
  now = 62_000;
  await transport.send(call);
  t.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    ['Bearer old', 'Bearer old', 'Bearer new', 'Bearer new'],
  );
});

test('a client certificate that was renewed in its file is shown after half a minute', async (t) => {
  let now = 0;
  const time = { ...machineTime, now: () => now };
  const { asked, transport, dir, kubeConfig } = await scene(t, {}, { time });
  const files = { certFile: join(dir, 'tls.crt'), keyFile: join(dir, 'tls.key') };
  const show = async ({ cert, key }: { readonly cert: string; readonly key: string }) => {
    await writeFile(files.certFile, cert);
    await writeFile(files.keyFile, key);
  };
  await show(certificates.client);
  Object.assign(kubeConfig, { users: [{ name: 'u', ...files }] });
  await transport.send(call);
  await show(certificates.server);
  await transport.send(call);
  now = 31_000;
  await transport.send(call);
  t.deepEqual(
    asked.map(({ clientName }) => clientName),
    ['tester', 'tester', 'localhost'],
  );
});

test('credentials that are refused twice are the answer, not an endless circle', async (t) => {
  const { asked, served, transport } = await scene(t, { token: 'abc' });
  served.reply = (request) => {
    asked.push(request);
    return refusal;
  };
  t.is((await transport.send(call)).code, 401);
  t.is(asked.length, 2);
});

/** A credential plugin that counts its runs and gives each run its own token. */
async function plugin(dir: string, expiresInMs: number) {
  const command = join(dir, 'plugin.sh');
  const expires = new Date(Date.now() + expiresInMs).toISOString();
  await writeFile(
    command,
    `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> ${dir}/info
n=$(wc -l < ${dir}/info | tr -d ' ')
sleep 0.1
echo '{"kind":"ExecCredential","status":{"token":"'$FLAVOUR$n'","expirationTimestamp":"${expires}"}}'
`,
  );
  await chmod(command, 0o755);
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command,
    env: [{ name: 'FLAVOUR', value: 'token' }],
  };
  return {
    users: [{ name: 'u', exec }],
    info: async () => (await readFile(join(dir, 'info'), 'utf8')).trim().split('\n'),
  };
}

test('twenty calls at once start one credential plugin', async (t) => {
  const { asked, transport, dir, kubeConfig } = await scene(t, {}, { environment: process.env });
  const { users, info } = await plugin(dir, 3_600_000);
  Object.assign(kubeConfig, { users });
  await Promise.all(Array.from({ length: 20 }, () => transport.send(call)));
  const told = await info();
  t.is(told.length, 1);
  t.is((JSON.parse(told[0] ?? '') as { kind: string }).kind, 'ExecCredential');
  t.true(asked.every(({ headers }) => headers.authorization === 'Bearer token1'));
});

test('a credential plugin is asked again before its token ends, and when the token is refused', async (t) => {
  const wall = { shift: 0 };
  const time = { ...machineTime, wall: () => Date.now() + wall.shift };
  const { asked, served, transport, dir, kubeConfig } = await scene(
    t,
    {},
    { environment: process.env, time },
  );
  Object.assign(kubeConfig, { users: (await plugin(dir, 3_600_000)).users });
  await transport.send(call);
  wall.shift = 3_550_000;
  await transport.send(call);
  served.reply = (request) => {
    asked.push(request);
    return request.headers.authorization === 'Bearer token3' ? undefined : refusal;
  };
  wall.shift = 0;
  t.is((await transport.send(call)).code, 200);
  t.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    ['Bearer token1', 'Bearer token2', 'Bearer token2', 'Bearer token3'],
  );
});

test('a credential plugin that fails is told without what it printed', async (t) => {
  const { transport, dir, kubeConfig } = await scene(t, {}, { environment: process.env });
  const command = join(dir, 'bad.sh');
  await writeFile(command, '#!/bin/sh\necho hunter2; echo hunter2 >&2; exit 3\n');
  await chmod(command, 0o755);
  Object.assign(kubeConfig, { users: [{ name: 'u', exec: { command } }] });
  const fault = await t.throwsAsync<Fault>(transport.send(call));
  t.is(fault.key, 'CredentialsUnavailable');
  t.notRegex(fault.message + String(fault.stack), /hunter2/);
});

test.serial('a server that never answers costs no more than the deadline', async (t) => {
  const { served, transport } = await scene(t);
  served.reply = () => ({ kind: 'stream', attach: () => () => undefined });
  const began = performance.now();
  const fault = await t.throwsAsync<Fault>(transport.send({ ...call, deadlineMs: 150 }));
  t.is(fault.key, 'TimedOut');
  t.true(performance.now() - began < 2_000);
});

test('a call that was given up is called so', async (t) => {
  const { served, transport } = await scene(t);
  served.reply = () => ({ kind: 'stream', attach: () => () => undefined });
  const giveUp = new AbortController();
  const sent = transport.send({ ...call, signal: giveUp.signal });
  giveUp.abort();
  const fault = await t.throwsAsync<Fault>(sent);
  t.is(fault.key, 'Cancelled');
});

test('a closed port is unreachable', async (t) => {
  const { served, transport } = await scene(t);
  await served.stop();
  const fault = await t.throwsAsync<Fault>(transport.send(call));
  t.is(fault.key, 'Unreachable');
});

test('each request is told with its verb, resource, code and time', async (t) => {
  const told: unknown[][] = [];
  const { served, transport } = await scene(t, {}, { observe: (...given) => told.push(given) });
  await transport.send(call);
  served.reply = () => refusal;
  await transport.send({ ...call, verb: 'patch', resource: 'deployments.apps' });
  served.reply = () => ({ kind: 'stream', attach: () => () => undefined });
  await t.throwsAsync(transport.send({ ...call, deadlineMs: 50 }));
  t.deepEqual(
    told.map((given) => given.slice(0, 3)),
    [
      ['list', 'pods', '200'],
      ['patch', 'deployments.apps', '401'],
      ['list', 'pods', 'TimedOut'],
    ],
  );
  t.true(told.every(([, , , seconds]) => Number(seconds) >= 0 && Number(seconds) < 5));
});

test('a write whose fence falls while it waits for a connection never reaches the server', async (t) => {
  const { asked, transport } = await scene(t);
  let mayLeave = true;
  const sent = transport.send({
    ...call,
    verb: 'patch',
    body: '{}',
    contentType: 'application/merge-patch+json',
    fence: () => mayLeave,
  });
  mayLeave = false;
  const fault = await t.throwsAsync<Fault>(sent);
  t.is(fault.key, 'LeaseLost');
  t.is(asked.length, 0);
});

test('a write within its fence is carried out', async (t) => {
  const { transport } = await scene(t);
  const sent = transport.send({
    ...call,
    verb: 'create',
    body: '{"metadata":{"name":"a"}}',
    contentType: 'application/json',
    path: '/api/v1/namespaces/n/pods',
    fence: () => true,
  });
  t.is((await sent).code, 201);
});

test('a kubeconfig file with several contexts serves the one that is named', async (t) => {
  const { served, dir } = await scene(t);
  const file = join(dir, 'config');
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'one',
      clusters: [cluster('a', 'https://127.0.0.1:1'), cluster('b', served.url)],
      users: [{ name: 'u', user: { token: 'abc' } }],
      contexts: [
        { name: 'one', context: { cluster: 'a', user: 'u' } },
        { name: 'two', context: { cluster: 'b', user: 'u' } },
      ],
    }),
  );
  t.is(readKubeConfig({ file }).getCurrentCluster()?.server, 'https://127.0.0.1:1');
  t.is(readKubeConfig({ file, context: 'two' }).getCurrentCluster()?.server, served.url);
  t.throws(() => readKubeConfig({ file, context: 'three' }), {
    message: /credentials.*could not be read/,
  });
  t.throws(() => readKubeConfig({ file: join(dir, 'none') }), {
    message: /credentials.*could not be read/,
  });
});

test('a cluster behind a proxy is asked through it', async (t) => {
  const proxy = await startProxy();
  const { served, kubeConfig } = await scene(t, { token: 'mine' });
  const clusters = kubeConfig.clusters.map((one) => ({ ...one, proxyUrl: proxy.url }));
  Object.assign(kubeConfig, { clusters });
  const transport = createTransport(kubeConfig, { version: '1' });
  t.teardown(async () => {
    await transport.close();
    await proxy.stop();
  });
  t.is((await transport.send(call)).code, 200);
  t.deepEqual(proxy.asked, [new URL(served.url).host]);
});

test('a plain http address, as `kubectl proxy` gives, is served too', async (t) => {
  const served = await serve(new FakeApi());
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'c', server: `${served.url}/`, skipTLSVerify: false },
    { name: 'u' },
  );
  const transport = createTransport(kubeConfig, { version: '1' });
  t.teardown(async () => {
    await transport.close();
    await served.stop();
  });
  t.is((await transport.send(call)).code, 200);
});

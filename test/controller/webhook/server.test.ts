import { Agent } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import test from 'ava';
import { Pool } from 'undici';
import { marks } from '../../../crds/names.ts';
import type { Fact } from '../../../domain/facts.ts';
import { machineTime } from '../../../controller/kube/pace.ts';
import { answerPod, type Decision } from '../../../controller/webhook/admission.ts';
import { usualLimits } from '../../../controller/webhook/gate.ts';
import { createWebhookServer } from '../../../controller/webhook/server.ts';
import { aPod, asking } from '../../support/build.ts';
import {
  aPair,
  aReview,
  around,
  bytesOf,
  eventually,
  patchIn,
  post,
  responseIn,
  running,
  TestTime,
  uid,
  type Running,
} from './support.ts';

const java = bytesOf(aReview(aPod({ annotations: asking('java') })));
const typesOf = (facts: readonly Fact[]) => facts.map(({ type }) => type);

test('a pod comes back with its patch over HTTPS and HTTP/1.1', async (t) => {
  const { port, pair, facts } = await running(t);
  const reply = await post({ port, ca: pair.authority, body: java });
  t.is(reply.status, 200);
  t.is(reply.headers['content-type'], 'application/json');
  const response = responseIn(reply.text);
  t.is(response['uid'], uid);
  t.true(patchIn(response)?.includes(marks.injected.replace('/', '~1')));
  t.deepEqual(typesOf(facts), ['PodInjected', 'ReviewAnswered']);
});

test('an Instrumentation is judged at its own door', async (t) => {
  const { port, pair } = await running(t, {
    answers: {
      pods: () => {
        throw new Error('the wrong door');
      },
      instrumentations: (): Decision => ({
        answer: { allowed: false, message: 'spec.env: odd', warnings: ['careful'] },
        fact: {
          type: 'InstrumentationReviewed',
          namespace: 'shop',
          name: 'x',
          allowed: false,
          warnings: 1,
        },
      }),
    },
  });
  const path = '/validate-instrumentation?timeout=10s';
  const { status, text } = await post({ port, ca: pair.authority, path, body: java });
  t.is(status, 200);
  t.like(responseIn(text), {
    uid,
    allowed: false,
    status: { code: 403, message: 'spec.env: odd' },
    warnings: ['careful'],
  });
});

test('one connection carries one review after another', async (t) => {
  const { port, pair } = await running(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  for (let turn = 0; turn < 5; turn += 1) {
    const { status, headers } = await post({ port, ca: pair.authority, body: java, agent });
    t.is(status, 200);
    t.is(headers['keep-alive'], 'timeout=120');
  }
  t.is(Object.values(agent.freeSockets).flat().length, 1);
});

test('what is no review gets a clean refusal with a sentence', async (t) => {
  const { port, pair, facts } = await running(t);
  const ca = pair.authority;
  const old = { ...aReview(aPod()), apiVersion: 'admission.k8s.io/v1beta1' };
  const refusals = [
    [{ body: 'no json' }, 400],
    [{ body: '' }, 400],
    [{ body: '{"kind":"AdmissionReview"}' }, 400],
    [{ body: bytesOf(old) }, 400],
    [{ body: bytesOf(aReview(null)) }, 400],
    [{ body: java, headers: { 'content-type': 'text/plain' } }, 415],
    [{ body: java, headers: { 'content-type': 'application/jsonp' } }, 415],
    [{ body: java, headers: { 'content-encoding': 'gzip' } }, 415],
    [{ body: java, path: '/' }, 404],
    [{ body: java, path: '/mutate-pod/..' }, 404],
    [{ body: java, path: '/constructor' }, 404],
    [{ body: java, method: 'PUT' }, 405],
    [{ body: Buffer.alloc(10 * 1024 * 1024, 0x20) }, 413],
  ] as const;
  for (const [difference, expected] of refusals) {
    const { status, headers, text } = await post({ port, ca, ...difference });
    t.is(status, expected, text);
    t.is(headers['content-type'], 'text/plain; charset=utf-8');
    t.regex(text, /^[A-Z].*\.\n$/);
  }
  t.deepEqual(new Set(typesOf(facts)), new Set(['ReviewRefused']));
  t.is(
    (
      await post({
        port,
        ca,
        body: java,
        headers: { 'content-type': 'application/json; charset=utf-8' },
      })
    ).status,
    200,
  );
});

test('a body of 10 MB without a length is refused as soon as it is too long', async (t) => {
  const { port, pair } = await running(t);
  const chunk = 'x'.repeat(1024 * 1024);
  const chunked = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(10);
  const { text } = await raw({ port, pair }, [
    `${head('/mutate-pod', 'transfer-encoding: chunked')}${chunked}0\r\n\r\n`,
  ]);
  t.regex(text, /^HTTP\/1\.1 413 /);
});

test('a connection goes on after a refusal', async (t) => {
  const { port, pair } = await running(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ca = pair.authority;
  t.is((await post({ port, ca, agent, body: 'x'.repeat(9 * 1024 * 1024) })).status, 413);
  t.is((await post({ port, ca, agent, body: java })).status, 200);
  t.is((await post({ port, ca, agent, body: java, path: '/nowhere' })).status, 404);
  t.is((await post({ port, ca, agent, body: java })).status, 200);
});

const head = (path: string, ...headers: readonly string[]) =>
  [`POST ${path} HTTP/1.1`, 'host: x', 'content-type: application/json', ...headers, '', ''].join(
    '\r\n',
  );

interface Conversation {
  readonly text: string;
  readonly socket: TLSSocket;
}

/** Says what it is told to and listens until the other side ends, or says enough. */
async function raw(
  { port, pair }: Pick<Running, 'port' | 'pair'>,
  parts: readonly (string | Buffer | ((socket: TLSSocket) => void))[],
  isEnough: (text: string) => boolean = (text) => text.includes('\r\n\r\n'),
): Promise<Conversation> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: pair.authority });
  let text = '';
  return new Promise((resolve, reject) => {
    socket.on('error', (error) => (text === '' ? reject(error) : resolve({ text, socket })));
    socket.on('close', () => resolve({ text, socket }));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!isEnough(text)) return;
      socket.destroy();
      resolve({ text, socket });
    });
    socket.on('secureConnect', () => {
      for (const part of parts) {
        if (typeof part === 'function') part(socket);
        else socket.write(part);
      }
    });
  });
}

test('a body that does not arrive in the time its sender allows is given up', async (t) => {
  const { port, pair, facts } = await running(t);
  const { text } = await raw({ port, pair }, [
    head('/mutate-pod?timeout=100ms', 'content-length: 100'),
    '{',
  ]);
  t.regex(text, /^HTTP\/1\.1 408 /);
  t.deepEqual(facts, [{ type: 'ReviewRefused', problem: 'TooSlow' }]);
});

test('a sender that hangs up in the middle of a body leaves nothing behind', async (t) => {
  const { port, pair, facts, server } = await running(t);
  await raw({ port, pair }, [
    head('/mutate-pod', 'content-length: 100'),
    '{',
    (socket) => socket.destroy(),
  ]);
  await raw({ port, pair }, [
    head('/mutate-pod', 'content-length: 100'),
    '{',
    (socket) => socket.end(),
  ]);
  t.is((await post({ port, ca: pair.authority, body: java })).status, 200);
  t.is(await server.stop({ lingerMs: 0, graceMs: 5_000 }), 0);
  t.deepEqual(typesOf(facts), ['PodInjected', 'ReviewAnswered']);
});

test('a sender that half closes after its review still gets the answer', async (t) => {
  const { port, pair } = await running(t);
  const parts = [
    head('/mutate-pod', `content-length: ${java.length}`),
    java,
    (socket: TLSSocket) => void socket.end(),
  ];
  const { text } = await raw({ port, pair }, parts, () => false);
  t.regex(text, /^HTTP\/1\.1 200 /);
});

test('what is no HTTP, and no TLS, ends there', async (t) => {
  const { port, pair } = await running(t);
  const { text } = await raw({ port, pair }, ['\0\0\0 rubbish \r\n\r\n']);
  t.regex(text, /^HTTP\/1\.1 400 /);
  const plain: Socket = connectPlain({ host: '127.0.0.1', port });
  plain.on('error', () => undefined);
  plain.write(head('/mutate-pod', 'content-length: 0'));
  await new Promise((resolve) => plain.once('close', resolve));
  await t.throwsAsync(post({ port, ca: aPair().authority, body: java }), {
    message: /certificate|self-signed/,
  });
  await t.throwsAsync(
    new Promise((_, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        ca: pair.authority,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      socket.on('error', reject);
    }),
  );
  t.is((await post({ port, ca: pair.authority, body: java })).status, 200);
});

test('HTTP/2 is not offered', async (t) => {
  const { port, pair } = await running(t);
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: pair.authority,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  t.is(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('a fault of ours lets the pod through, and the next one is served as ever', async (t) => {
  let broken = true;
  const { port, pair, facts } = await running(t, {
    answers: {
      pods: (review) =>
        answerPod(
          review,
          broken
            ? {
                ...around(),
                worldOf: () => {
                  throw new Error('broken');
                },
              }
            : around(),
        ),
      instrumentations: () => {
        throw new Error('unused');
      },
    },
  });
  const first = await post({ port, ca: pair.authority, body: java });
  t.is(first.status, 200);
  t.deepEqual(responseIn(first.text), {
    uid,
    allowed: true,
    auditAnnotations: { failed: 'Unexpected' },
  });
  broken = false;
  t.truthy(patchIn(responseIn((await post({ port, ca: pair.authority, body: java })).text)));
  t.deepEqual(typesOf(facts), [
    'AdmissionFailed',
    'ReviewAnswered',
    'PodInjected',
    'ReviewAnswered',
  ]);
});

test('beyond the limit a pod is let through as soon as its uid is there', async (t) => {
  const { port, pair, facts } = await running(t, { limits: { ...usualLimits, requests: 2 } });
  const slow = [1, 2].map(() => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: pair.authority,
    });
    socket.write(head('/mutate-pod', `content-length: ${java.length}`));
    return socket;
  });
  t.teardown(() => slow.forEach((socket) => socket.destroy()));
  const overloaded = () =>
    facts.filter((fact) => fact.type === 'AdmissionFailed' && fact.reason === 'Overloaded');
  await eventually('both places are taken', async () => {
    const { text } = await post({ port, ca: pair.authority, body: java });
    return patchIn(responseIn(text)) === undefined;
  });
  t.true(overloaded().length > 0);
  // Only the first bytes of a large one are waited for.
  const { text } = await raw({ port, pair }, [
    head('/mutate-pod', 'content-length: 4000000'),
    java.subarray(0, 600),
  ]);
  t.regex(text, /^HTTP\/1\.1 200 /);
  t.regex(text, /"allowed":true/);
  const { status, headers } = await post({
    port,
    ca: pair.authority,
    body: JSON.stringify({ request: { uid } }),
  });
  t.is(status, 503);
  t.is(headers['retry-after'], '1');
  const before = facts.length;
  for (const socket of slow) socket.write(java);
  await eventually(
    'the slow ones are served',
    () => typesOf(facts.slice(before)).filter((type) => type === 'PodInjected').length === 2,
  );
  t.truthy(patchIn(responseIn((await post({ port, ca: pair.authority, body: java })).text)));
});

test('beyond the limit of memory a pod is let through too', async (t) => {
  const { port, pair } = await running(t, { limits: { ...usualLimits, bytes: 100 } });
  const { text } = await post({ port, ca: pair.authority, body: java });
  t.like(responseIn(text), { uid, allowed: true, auditAnnotations: { failed: 'Overloaded' } });
});

test('a review that is complete only after the API server has given up is not worked on', async (t) => {
  const time = new TestTime(Date.now());
  const { port, pair, facts } = await running(t, { time });
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: pair.authority });
  t.teardown(() => socket.destroy());
  const text: string[] = [];
  socket.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  socket.write(head('/mutate-pod?timeout=30s', `content-length: ${java.length}`));
  socket.write(java.subarray(0, 100));
  await eventually('it has arrived', () => time.reads > 0);
  time.pass(31_000);
  socket.write(java.subarray(100));
  await eventually('it is answered', () => text.join('').includes('DeadlinePassed'));
  t.true(facts.some((fact) => fact.type === 'AdmissionFailed' && fact.reason === 'DeadlinePassed'));
});

test('a certificate is exchanged without disturbing connections that stand', async (t) => {
  const { server, port, pair } = await running(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  t.is((await post({ port, ca: pair.authority, body: java, agent })).status, 200);
  const next = aPair();
  server.show(next);
  t.is((await post({ port, ca: pair.authority, body: java, agent })).status, 200);
  await t.throwsAsync(post({ port, ca: pair.authority, body: java }));
  t.is((await post({ port, ca: next.authority, body: java })).status, 200);
});

const idle = {
  pods: () => {
    throw new Error('unused');
  },
  instrumentations: () => {
    throw new Error('unused');
  },
};

function stopped(time = new TestTime(), missing: () => readonly string[] = () => []) {
  return createWebhookServer({
    host: '127.0.0.1',
    port: 0,
    answers: idle,
    isQuiet: () => false,
    record: () => undefined,
    limits: usualLimits,
    time,
    missing,
  });
}

test('readiness says everything that is missing', async (t) => {
  const time = new TestTime();
  let missing = ['The Namespaces are not known yet.'];
  const server = stopped(time, () => missing);
  t.deepEqual(server.readiness(), {
    ready: false,
    reasons: [
      'The port is not open.',
      'There is no certificate yet.',
      'The Namespaces are not known yet.',
    ],
  });
  await t.throwsAsync(server.listen(), { message: 'There is no certificate yet.' });
  server.show(aPair(['localhost'], time.now() - 1_000, time.now() + 60_000));
  await server.listen();
  t.deepEqual(server.readiness(), { ready: false, reasons: ['The Namespaces are not known yet.'] });
  missing = [];
  t.deepEqual(server.readiness(), { ready: true, reasons: [] });
  time.pass(60_000);
  t.deepEqual(server.readiness(), { ready: false, reasons: ['The certificate has expired.'] });
  const stopping = server.stop({ lingerMs: 1_000, graceMs: 2_000 });
  t.true(server.readiness().reasons.includes('The webhook is stopping.'));
  time.pass(1_000);
  t.is(await stopping, 0);
  t.true(server.readiness().reasons.includes('The port is not open.'));
});

test('an expired pair opens no port', async (t) => {
  const time = new TestTime();
  const server = stopped(time);
  server.show(aPair(['localhost'], time.now() - 2_000, time.now() - 1_000));
  await t.throwsAsync(server.listen(), { message: 'The certificate has expired.' });
  t.is(await server.stop({ lingerMs: 0, graceMs: 0 }), 0);
});

test('a port that is taken is an error, not a crash', async (t) => {
  const { port } = await running(t);
  const server = createWebhookServer({
    host: '127.0.0.1',
    port,
    answers: idle,
    isQuiet: () => false,
    record: () => undefined,
    limits: usualLimits,
    time: machineTime,
    missing: () => [],
  });
  server.show(aPair());
  await t.throwsAsync(server.listen(), { code: 'EADDRINUSE' });
});

test('while it stops it goes on serving, and asks each connection to end', async (t) => {
  const time = new TestTime(Date.now());
  const { server, port, pair } = await running(t, { time });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  t.is(
    (await post({ port, ca: pair.authority, body: java, agent })).headers['connection'],
    'keep-alive',
  );
  const stopping = server.stop({ lingerMs: 5_000, graceMs: 20_000 });
  t.is(
    (await post({ port, ca: pair.authority, body: java, agent })).headers['connection'],
    'close',
  );
  t.is((await post({ port, ca: pair.authority, body: java })).status, 200);
  time.pass(5_000);
  t.is(await stopping, 0);
  await t.throwsAsync(post({ port, ca: pair.authority, body: java }), { code: 'ECONNREFUSED' });
});

test('what has arrived when the port is closed is answered, read or not', async (t) => {
  const time = new TestTime(Date.now());
  const { server, port, pair } = await running(t, { time });
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: pair.authority });
  t.teardown(() => socket.destroy());
  const text: string[] = [];
  socket.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  socket.on('error', () => undefined);
  const review = Buffer.concat([
    Buffer.from(head('/mutate-pod', `content-length: ${java.length}`)),
    java,
  ]);
  const answers = () => text.join('').split('"allowed":true').length - 1;
  socket.write(review);
  await eventually('the connection has served, and stands', () => answers() === 1);

  const stopping = server.stop({ lingerMs: 5_000, graceMs: 20_000 });
  await eventually('somebody waits for balancers', () => time.sleepers > 0);
  socket.write(review);
  time.pass(5_000);

  await eventually('the connection ends', () => socket.destroyed);
  t.is(answers(), 2);
  t.is(await stopping, 0);
});

test('a request that is under way is finished before the end, and what never ends is cut off', async (t) => {
  const time = new TestTime(Date.now());
  const { server, port, pair, facts } = await running(t, { time });
  const [kind, never] = [1, 2].map(() =>
    connect({ host: '127.0.0.1', port, servername: 'localhost', ca: pair.authority }),
  );
  if (kind === undefined || never === undefined) return t.fail();
  const text: string[] = [];
  kind.on('data', (chunk: Buffer) => text.push(chunk.toString()));
  never.on('error', () => undefined);
  for (const socket of [kind, never]) {
    socket.write(head('/mutate-pod', `content-length: ${java.length}`));
    socket.write(java.subarray(0, 100));
  }
  await eventually('both have arrived', () => time.reads === 2);
  const stopping = server.stop({ lingerMs: 0, graceMs: 10_000 });
  await eventually('the port is closed', async () => {
    return post({ port, ca: pair.authority, body: bytesOf({}) }).then(
      () => false,
      () => true,
    );
  });
  kind.write(java.subarray(100));
  await eventually('it is answered', () => text.join('').includes('"allowed":true'));
  await eventually('somebody waits for the end of the grace', () => time.sleepers > 0);
  time.pass(10_000);
  t.is(await stopping, 1);
  t.is(typesOf(facts).filter((type) => type === 'PodInjected').length, 1);
  return undefined;
});

test('stopping under load loses no request', async (t) => {
  const agents: Pool[] = [];
  const servers = await Promise.all([running(t), running(t)]);
  for (const { port, pair } of servers) {
    agents.push(
      new Pool(`https://localhost:${port}`, {
        connections: 8,
        connect: { ca: pair.authority, host: '127.0.0.1' } as never,
      }),
    );
  }
  t.teardown(async () => {
    await Promise.all(agents.map((agent) => agent.destroy()));
  });
  let answered = 0;
  const failures: unknown[] = [];
  const ending = new AbortController();
  // As a Service does: a request goes to a server that is ready, as of a moment ago.
  let ready = [0, 1];
  const watching = setInterval(() => {
    ready = [0, 1].filter((index) => servers[index]?.server.readiness().ready);
  }, 50);
  t.teardown(() => clearInterval(watching));
  async function keepAsking(seed: number): Promise<void> {
    for (let turn = seed; !ending.signal.aborted; turn += 1) {
      const pool = agents[ready[turn % ready.length] ?? 0];
      try {
        const response = await pool?.request({
          method: 'POST',
          path: '/mutate-pod?timeout=3s',
          headers: { 'content-type': 'application/json' },
          body: java,
        });
        const text = (await response?.body.text()) ?? '';
        if (patchIn(responseIn(text)) === undefined) failures.push(text);
        answered += 1;
      } catch (error) {
        failures.push(error);
      }
    }
  }
  const clients = Array.from({ length: 8 }, (_, index) => keepAsking(index));
  await eventually('the load is on', () => answered > 200);
  const cut = await servers[0]?.server.stop({ lingerMs: 300, graceMs: 10_000 });
  const before = answered;
  await eventually('the other one carries on', () => answered > before + 200);
  ending.abort();
  await Promise.all(clients);
  t.is(cut, 0);
  t.deepEqual(failures, []);
});

import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { closeLog, createLog, type LogOptions, type RootLog } from '../../controller/log.ts';
import type { Time } from '../../controller/kube/pace.ts';
import { Fault } from '../../controller/kube/fault.ts';

/** A clock that goes only when it is told to. */
function aTime() {
  let now = 0;
  const waiting: { until: number; end: () => void }[] = [];
  const time: Time = {
    now: () => now,
    wall: () => Date.UTC(2027, 0, 2, 3, 4, 5) + now,
    wait: (ms, signal) =>
      new Promise((end) => {
        waiting.push({ until: now + ms, end });
        signal?.addEventListener('abort', () => end());
      }),
  };
  const pass = async (ms: number) => {
    now += ms;
    for (const { until, end } of waiting) if (until <= now) end();
    await new Promise(setImmediate);
  };
  return { time, pass };
}

async function written(
  write: (log: RootLog) => unknown,
  options: LogOptions = {},
): Promise<string[]> {
  const output = new PassThrough();
  const log = createLog({ output, ...options });
  await write(log);
  await closeLog(log);
  return String(output.read() ?? '')
    .split('\n')
    .filter((line) => line !== '');
}

const parsed = async (write: (log: RootLog) => unknown, options: LogOptions = {}) =>
  (await written(write, options)).map((line) => JSON.parse(line) as Record<string, unknown>);

test('a line says when, how grave, what, and then its fields', async (t) => {
  const { time } = aTime();
  const [line] = await written((log) => log.info('listening', { port: 9443 }), { time });
  t.is(line, '{"ts":"2027-01-02T03:04:05.000Z","level":"info","msg":"listening","port":9443}');
});

test('a child has its fields on every line', async (t) => {
  const lines = await parsed((log) => {
    const child = log.child({ part: 'webhook' }).child({ replica: 1 });
    child.warn('slow', { part: 'server' });
    log.warn('alone');
  });
  t.like(lines[0], { msg: 'slow', part: 'server', replica: 1 });
  t.false('part' in (lines[1] ?? {}));
});

test('no field takes the place of the time, the level or the message', async (t) => {
  const [line] = await parsed((log) => log.error('kept', { ts: 1, level: 2, msg: 3 }));
  t.like(line, { level: 'error', msg: 'kept' });
});

test('lines below the level are left out, and the level can be changed at any time', async (t) => {
  const lines = await parsed((log) => {
    log.debug('one');
    log.setLevel('debug');
    log.child({}).debug('two');
    log.setLevel('error');
    log.info('three');
    t.is(log.level, 'error');
  });
  t.deepEqual(
    lines.map(({ msg }) => msg),
    ['two'],
  );
});

test('an error is told with its type, its code and what led to it', async (t) => {
  const cause = Object.assign(new TypeError('socket closed'), { code: 'ECONNRESET' });
  const fault = new Fault('ConnectionBroken', { cause });
  const [line] = await parsed((log) => log.error('call failed', { error: fault }));
  const error = line?.['error'] as Record<string, unknown>;
  t.like(error, { type: 'Fault', key: 'ConnectionBroken' });
  t.like(error['cause'], { type: 'TypeError', message: 'socket closed', code: 'ECONNRESET' });
  t.regex(String(error['stack']), /log\.test\.ts/);
});

test('several errors in one are told each', async (t) => {
  const error = new AggregateError([new Error('first'), 'second', { secret: 'third' }], 'all');
  const [line] = await parsed((log) => log.error('failed', { error }));
  const told = (line?.['error'] as { errors: unknown[] } | undefined)?.errors ?? [];
  t.like(told[0], { message: 'first' });
  t.deepEqual(told.slice(1), ['second', '[object]']);
});

test('what others hang onto an error stays out of the log', async (t) => {
  const error = Object.assign(new Error('refused'), { config: { headers: { a: 'hidden' } } });
  const lines = await written((log) => log.error('failed', { error }));
  t.notRegex(lines.join('\n'), /hidden/);
});

test('causes end somewhere, even when they lead back to where they began', async (t) => {
  const error = new Error('outer');
  error.cause = new Error('inner', { cause: error });
  let long = new Error('0');
  for (let depth = 1; depth < 50; depth += 1) long = new Error(String(depth), { cause: long });
  const lines = await written((log) => {
    log.error('round', { error });
    log.error('long', { error: long });
  });
  t.is(lines.length, 2);
  t.true(lines.every((line) => line.length < 30_000));
});

const kind = ['PRIVATE', 'KEY'].join(' ');

const secrets: readonly (readonly [string, Record<string, unknown>])[] = [
  ['an authorization header', { headers: { Authorization: 'hidden' } }],
  ['a token', { token: 'hidden' }],
  ['a bearer token in camel case', { bearerToken: 'hidden' }],
  ['a list of passwords', { passwords: ['hidden'] }],
  ['a client secret', { client_secret: 'hidden' }],
  ['a key in a kubeconfig', { 'client-key-data': 'hidden' }],
  ['the value of a variable', { entry: { name: 'A', value: 'hidden' } }],
  ['an environment', { env: [{ name: 'A', value: 'hidden' }] }],
  ['the content of a Secret', { stringData: { a: 'hidden' } }],
  ['a cookie in a Map', { headers: new Map([['Set-Cookie', 'hidden']]) }],
  ['a bearer token in a text', { text: 'sent Authorization: Bearer hidden-hidden' }],
  ['a web token in a text', { text: 'got eyJhidden123.eyJhidden123.hidden' }],
  ['a password in an address', { text: 'GET https://me:hidden@host/path' }],
  ['a password in an address object', { address: new URL('https://me:hidden@host/') }],
  ['a setting in a text', { text: 'failed with api_key=hidden&x=1' }],
  [
    'a private key in a text',
    { pem: `-----BEGIN EC ${kind}-----\nhidden\n-----END EC ${kind}-----` },
  ],
  ['a secret in a message of an error', { error: new Error('password=hidden refused') }],
];

for (const [what, fields] of secrets) {
  test(`${what} is never shown`, async (t) => {
    const lines = [
      ...(await written((log) => log.error('failed', fields))),
      ...(await written((log) => log.error('failed', fields), { format: 'text' })),
    ].join('\n');
    t.notRegex(lines, /hidden/);
    t.regex(lines, /redacted/);
  });
}

test('the name of a Secret and statements about one are shown', async (t) => {
  const fields = { secretName: 'certificates', hasToken: true, key: 'shop/cart', tokenExpired: 3 };
  const [line] = await parsed((log) => log.info('reading', fields));
  t.like(line, fields);
});

test('whatever is logged becomes a line', async (t) => {
  const round: Record<string, unknown> = { big: 10n, none: undefined, nan: NaN, at: new Date(NaN) };
  round['self'] = round;
  round['call'] = () => 1;
  round['bytes'] = Buffer.from('hidden');
  Object.defineProperty(round, 'trap', {
    enumerable: true,
    get: () => {
      throw new Error('trap');
    },
  });
  let deep: unknown = 'bottom';
  for (let depth = 0; depth < 1000; depth += 1) deep = { deep };
  const lines = await parsed((log) => {
    log.info('odd', { round, deep, long: 'x'.repeat(1_000_000), list: Array(1000).fill(1) });
  });
  t.like(lines[0]?.['round'], { big: '10', nan: 'NaN', self: '[circular]', trap: '[unreadable]' });
  t.true(JSON.stringify(lines[0]).length < 12_000);
});

test('on a terminal a line is one line that a person can read', async (t) => {
  const error = new Error('no route\nto host', { cause: new TypeError('x') });
  const [line, ...more] = await written(
    (log) => log.warn('call failed', { error, path: '/a/b', words: 'two words', list: [1] }),
    { format: 'text' },
  );
  t.deepEqual(more, []);
  t.regex(
    String(line),
    /^\d\d:\d\d:\d\d warn {2}call failed error="Error: no route\\nto host < TypeError: x" path=\/a\/b words="two words" list=\[1\]$/,
  );
});

test('of a flood the first lines are written, and then how many were left out', async (t) => {
  const { time, pass } = aTime();
  const flood = { lines: 3, intervalMs: 1000 };
  const lines = await parsed(
    async (log) => {
      for (let index = 0; index < 100; index += 1) log.warn('again', { index });
      log.info('other');
      await pass(1000);
      log.warn('again', { index: 100 });
    },
    { time, flood },
  );
  t.deepEqual(
    lines.map(({ msg, index, lines: count, message }) => [msg, index ?? count, message]),
    [
      ['again', 0, undefined],
      ['again', 1, undefined],
      ['again', 2, undefined],
      ['other', undefined, undefined],
      ['lines left out', 97, 'again'],
      ['again', 100, undefined],
    ],
  );
});

test('a flood that ends with the log is told of all the same', async (t) => {
  const { time } = aTime();
  const lines = await parsed(
    (log) => {
      for (let index = 0; index < 10; index += 1) log.warn('again');
    },
    { time, flood: { lines: 1, intervalMs: 1000 } },
  );
  t.like(lines[1], { level: 'warn', msg: 'lines left out', lines: 9 });
});

test('closing waits until a slow reader has every line', async (t) => {
  const read: string[] = [];
  const output = new Writable({
    highWaterMark: 16,
    write: (chunk, _encoding, done) => {
      setImmediate(() => {
        read.push(String(chunk));
        done();
      });
    },
  });
  const log = createLog({ output, flood: { lines: 1e6, intervalMs: 1000 } });
  for (let index = 0; index < 500; index += 1) log.info('line', { index });
  await closeLog(log);
  t.is(read.filter((chunk) => chunk !== '').length, 500);
});

test('closing twice and speaking afterwards are quiet', async (t) => {
  const output = new PassThrough();
  const log = createLog({ output });
  await closeLog(log);
  await closeLog(log);
  log.error('late');
  t.is(output.read(), null);
});

test('a reader that went away stops neither the program nor the closing', async (t) => {
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const log = createLog({ output });
  log.info('one');
  log.info('two');
  await closeLog(log);
  t.true(output.destroyed);
});

test('a line that nobody wants costs next to nothing', (t) => {
  const log = createLog({ output: new PassThrough() });
  const before = process.threadCpuUsage();
  for (let index = 0; index < 100_000; index += 1) log.debug('quiet', { index });
  t.true(process.threadCpuUsage(before).user < 500_000);
});

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { readSettings } from '../../config/settings.ts';
import { run, type Ended } from '../../controller/run.ts';
import { marks } from '../../crds/names.ts';
import { aPod, asking } from '../support/build.ts';
import {
  aPair,
  aReview,
  bytesOf,
  eventually,
  patchIn,
  post,
  responseIn,
} from './webhook/support.ts';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

interface Running {
  readonly folder: string;
  readonly lines: Line[];
  readonly ended: Promise<Ended>;
  readonly stop: () => void;
  /** As a person does who wants to see more. */
  readonly turn: () => void;
  /** The ports, once it serves. */
  readonly ports: () => Promise<Ports>;
}

interface Ports {
  readonly webhook: number;
  readonly probe: number;
  readonly metrics: number;
}

const pair = aPair(['localhost']);

const instrumentation = (name: string) => `
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: { name: ${name}, namespace: shop }
spec: { exporter: { endpoint: 'http://otel.obs:4318' } }
`;

/** The program on a folder of manifests, until the test ends. */
function running(t: ExecutionContext, settings: Readonly<Record<string, string>> = {}): Running {
  const folder = mkdtempSync(join(tmpdir(), 'retrofit-run-'));
  mkdirSync(join(folder, 'manifests'));
  writeFileSync(join(folder, 'manifests/a.yaml'), instrumentation('main'));
  writeFileSync(join(folder, 'tls.crt'), pair.certificate);
  writeFileSync(join(folder, 'tls.key'), pair.key);
  const words = Object.entries({
    manifests: join(folder, 'manifests'),
    certificates: 'files',
    'certificate-dir': folder,
    'bind-address': '127.0.0.1',
    'webhook-port': '0',
    'probe-port': '0',
    'metrics-port': '0',
    'stop-delay-ms': '0',
    ...settings,
  }).flatMap(([key, value]) => [`--${key}`, value]);
  const reading = readSettings(words, {}, undefined);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  const lines: Line[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const written = chunk
        .toString()
        .split('\n')
        .filter((line) => line !== '');
      lines.push(...written.map((line) => JSON.parse(line) as Line));
      done();
    },
  });
  const end = new AbortController();
  const switches: (() => void)[] = [];
  const ended = run({
    settings: reading.settings,
    version: '0.0.0',
    environment: {},
    isTerminal: false,
    signal: end.signal,
    onSwitch: (turn) => switches.push(turn),
    output,
  });
  t.teardown(async () => {
    end.abort();
    await ended.catch(() => undefined);
    rmSync(folder, { recursive: true });
  });
  const serving = () => lines.find(({ msg }) => msg === 'serving');
  const ports = async () => {
    await eventually('it serves', () => serving() !== undefined);
    const { webhookPort, probePort, metricsPort }: Partial<Line> = serving() ?? {};
    return { webhook: Number(webhookPort), probe: Number(probePort), metrics: Number(metricsPort) };
  };
  return {
    folder,
    lines,
    ended,
    stop: () => end.abort(),
    turn: () => switches.forEach((turn) => turn()),
    ports,
  };
}

const bodyOf = (languages: readonly 'java'[] = ['java']) =>
  bytesOf(aReview(aPod({ annotations: asking(...languages) })));

const ask = (port: number, agent: Agent | false = false, body = bodyOf()) =>
  post({ port, ca: pair.authority, body, agent });

/** Nobody has it now; before anything listens there it may be given to another, but hardly. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const messages = ({ lines }: Running) => lines.map(({ msg }) => msg);

test('a pod gets what the manifests of a folder say, and the log and the metrics tell of it', async (t) => {
  const program = running(t);
  const { webhook, metrics } = await program.ports();
  const { status, text } = await ask(webhook);
  t.is(status, 200);
  t.regex(patchIn(responseIn(text)) ?? '', /otel-auto-instrumentation-java/);
  t.like(
    program.lines.find(({ msg }) => msg === 'injected'),
    { level: 'info', namespace: 'shop', name: 'app-', given: ['java: app'] },
  );
  const page = await fetch(`http://127.0.0.1:${metrics}/metrics`);
  const exposed = await page.text();
  t.regex(exposed, /^retrofit_admissions_total\{outcome="injected",reason=""\} 1$/m);
  t.regex(exposed, /^retrofit_injections_total\{language="java"\} 1$/m);
  t.regex(exposed, /^retrofit_admission_duration_seconds_count\{door="pods"\} 1$/m);
  t.regex(exposed, /^retrofit_certificate_expiry_timestamp_seconds\{certificate="serving"\} \d/m);
});

test('an Instrumentation that changes in the folder governs the next pods', async (t) => {
  const program = running(t);
  const { webhook } = await program.ports();
  writeFileSync(
    join(program.folder, 'manifests/a.yaml'),
    instrumentation('other').replace('4318', '9999'),
  );
  await eventually('the change shows', async () => {
    const { text } = await ask(webhook);
    return (patchIn(responseIn(text)) ?? '').includes(':9999');
  });
  t.pass();
});

test('it says in words why it is not ready, until it has a certificate', async (t) => {
  const port = await freePort();
  const program = running(t, { 'probe-port': String(port) });
  const certificate = join(program.folder, 'tls.crt');
  renameSync(certificate, `${certificate}.away`);
  const readiness = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
  await eventually('the lack is told', () =>
    program.lines.some(({ problem }) => problem === 'ServingMissing'),
  );
  t.is(await readiness(), 'not ready\nThe port is not open.\nThere is no certificate yet.\n');
  t.false(messages(program).includes('serving'));
  renameSync(`${certificate}.away`, certificate);
  await program.ports();
  t.is(await readiness(), 'ready\n');
});

test('what is logged at the start is the settings, and no more is logged about pods that ask for nothing', async (t) => {
  const program = running(t);
  const { webhook } = await program.ports();
  await ask(webhook, false, bodyOf([]));
  t.deepEqual(messages(program), ['starting', 'certificate loaded', 'serving']);
  t.like(program.lines[0], { settings: { logLevel: 'info', webhookPort: 0 }, version: '0.0.0' });
  program.turn();
  await ask(webhook, false, bodyOf([]));
  t.like(program.lines.at(-1), { level: 'debug', msg: 'left unchanged', reason: 'NotAsked' });
  program.turn();
  await ask(webhook, false, bodyOf([]));
  t.like(program.lines.at(-1), { msg: 'log level changed', level: 'info' });
});

test('told to stop, it answers what is under way, closes every port and says so', async (t) => {
  const program = running(t, { 'stop-delay-ms': '300' });
  const { webhook, probe, metrics } = await program.ports();
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  let answered = 0;
  const load = (async () => {
    while ((await fetch(`http://127.0.0.1:${probe}/readyz`).catch(() => undefined))?.ok === true) {
      const { status } = await ask(webhook, agent);
      if (status === 200) answered += 1;
    }
  })();
  await eventually('some are answered', () => answered > 5);
  program.stop();
  await load;
  t.is((await ask(webhook)).headers['connection'], 'close');
  t.deepEqual(await program.ended, { kind: 'stopped' });
  for (const port of [webhook, probe, metrics]) {
    await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`));
  }
  t.true(messages(program).includes('stopping'));
  t.like(program.lines.at(-1), { msg: 'stopped', requestsCut: 0 });
});

test('a start that is called off before anything was there ends as well', async (t) => {
  const program = running(t, { manifests: '/nowhere' });
  await eventually('it has started', () => messages(program).includes('manifest cannot be read'));
  program.stop();
  t.deepEqual(await program.ended, { kind: 'stopped' });
  t.false(messages(program).includes('serving'));
});

for (const setting of ['webhook-port', 'probe-port', 'metrics-port']) {
  test(`a port that another program has is named: ${setting}`, async (t) => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    t.teardown(() => void occupant.close());
    const { port } = occupant.address() as AddressInfo;
    const { ended } = running(t, { [setting]: String(port) });
    t.deepEqual(await ended, {
      kind: 'hindered',
      problem: `${setting}: port ${port} cannot be opened: another program has it. Give another one, or 0 for any that is free.`,
    });
  });
}

test('a cluster that cannot be known is named, with what to do', async (t) => {
  const reading = readSettings(['--kubeconfig', '/nowhere'], {}, undefined);
  if (reading.kind === 'refused') throw new Error('the settings are right');
  const ended = await run({
    settings: reading.settings,
    version: '0.0.0',
    environment: {},
    isTerminal: false,
    signal: new AbortController().signal,
    onSwitch: () => {},
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
  });
  t.is(ended.kind, 'hindered');
  t.regex(
    ended.kind === 'hindered' ? ended.problem : '',
    /^kubeconfig: .*could not be read.*Check/,
  );
});

test('a pod that asks for a probe gets the word back, with a hash of what is known', async (t) => {
  const { webhook } = await running(t).ports();
  const pod = aPod({ annotations: { [marks.probe]: 'nonce' } });
  const { text } = await ask(webhook, false, bytesOf(aReview(pod, { dryRun: true })));
  t.regex(patchIn(responseIn(text)) ?? '', /"nonce\.[0-9a-f]{16}"/);
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCertificates, readKey } from '../controller/webhook/certificates/pair.ts';
import { issueAuthority, issueServing } from '../controller/webhook/certificates/x509.ts';
import { bodies, type Body } from './webhook/bodies.ts';
import { flagsOfImage } from './webhook/image.ts';
import { instrumentationOf } from './webhook/instrumentations.ts';
import { median } from './webhook/median.ts';
import type { Outcome } from './webhook/load.ts';
import {
  end,
  firstLineOf,
  heapOf,
  measure,
  memoryOf,
  serve,
  spentMs,
  start,
  timeToReady,
  type Serving,
} from './webhook/programs.ts';

/*
 * What the webhook costs beside a bare HTTPS server that parses the same reviews and answers a
 * constant patch. Both get the same bytes from the same generator, in turns within each round, so
 * that a noisy machine disturbs both; what counts is the median of the rounds' ratios.
 */

const rounds = Number(process.env['ROUNDS'] ?? 5);
const measureMs = Number(process.env['MEASURE_MS'] ?? 1_500);

const root = join(import.meta.dirname, '..');
/** As the image starts it. */
const flags = flagsOfImage(root);
const bundle = join(root, 'dist/bundle/main.mjs');
const directory = mkdtempSync(join(tmpdir(), 'retrofit-bench-'));
const ca = layOut();
/** A file says what is injected, as a cluster would. */
const fromFile = { manifests: join(directory, 'few') };

try {
  execFileSync(process.execPath, [join(root, 'bin/bundle.js')], { stdio: 'ignore' });
  await compare();
  await weigh();
  await lookForLeaks();
  await clockStarts();
} finally {
  rmSync(directory, { recursive: true });
}

function layOut(): string {
  const period = { from: new Date(Date.now() - 60_000), until: new Date(Date.now() + 86_400_000) };
  const authority = issueAuthority('the bench', period);
  const [certificate] = readCertificates(authority.certificate);
  const privateKey = readKey(authority.key);
  if (certificate === undefined || privateKey === undefined) throw new Error('no authority');
  const issuer = { name: 'the bench', publicKey: certificate.publicKey, privateKey };
  const pair = issueServing(['localhost'], period, issuer);
  writeFileSync(join(directory, 'tls.crt'), pair.certificate);
  writeFileSync(join(directory, 'tls.key'), pair.key);
  writeFileSync(join(directory, 'ca.crt'), authority.certificate);
  mkdirSync(join(directory, 'few'));
  writeFileSync(join(directory, 'few/agents.yaml'), JSON.stringify(instrumentationOf(0)));
  return authority.certificate;
}

type Source = { readonly manifests: string } | { readonly kubeconfig: string };

function programWith(source: Source, probePort = 0): readonly string[] {
  const settings = {
    ...source,
    certificates: 'files',
    'certificate-dir': directory,
    'bind-address': '127.0.0.1',
    'webhook-port': 0,
    'probe-port': probePort,
    'metrics-port': 0,
    'stop-delay-ms': 0,
  };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return [...flags, bundle, 'run', ...words];
}

/** The webhook's own patches are what the floor answers, so that both send as much. */
async function patchesOf({ webhookPort }: Serving): Promise<Readonly<Record<string, string>>> {
  const patches: Record<string, string> = {};
  for (const [index, body] of bodies.entries()) {
    const patch = await patchFor(webhookPort, body);
    if (patch !== undefined) patches[`/${index}`] = patch;
  }
  return patches;
}

function patchFor(port: number, { path, text }: Body): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': text.length };
    const options = { host: 'localhost', port, path, ca, headers, method: 'POST', agent: false };
    const asked = request(options, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      response.on('end', () => {
        resolve((JSON.parse(answer) as { response: { patch?: string } }).response.patch);
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

interface Sample extends Outcome {
  readonly cpuUs: number;
}

async function compare(): Promise<void> {
  const ours = await serve(programWith(fromFile));
  const patches = join(directory, 'patches.json');
  writeFileSync(patches, JSON.stringify(await patchesOf(ours)));
  const floor = await serve([join(root, 'bench/webhook/floor.ts'), directory, patches]);
  const load = start([join(root, 'bench/webhook/load.ts')], 1);
  try {
    for (const [index, body] of bodies.entries()) {
      const rows = [];
      for (const inFlight of [1, 4, 16, 64]) {
        const sample = async ({ child, webhookPort: port }: Serving, path: string) => {
          const { text } = body;
          const order = { port, ca, path, body: text, inFlight, warmUpMs: 300, measureMs };
          const before = spentMs(child);
          const outcome = await measure(load, order);
          const cpuUs = ((spentMs(child) - before) * 1_000) / outcome.inAll;
          if (outcome.failures > 0) throw new Error(`${outcome.failures} requests failed`);
          return { ...outcome, cpuUs };
        };
        const pairs: [Sample, Sample][] = [];
        for (let round = -1; round < rounds; round++) {
          const one = await sample(floor, `/${index}`);
          const other = await sample(ours, body.path);
          // Code is compiled for a while; that happens once in the life of a server.
          if (round >= 0) pairs.push([one, other]);
        }
        rows.push(rowOf(inFlight, pairs));
      }
      console.log(`\n${body.label} (${body.text.length} bytes)`);
      console.table(rows);
    }
    console.log(`RSS after it: ${memory(ours)}, the floor's ${memory(floor)}`);
  } finally {
    await Promise.all([end(ours.child), end(floor.child), end(load)]);
  }
}

function memory({ child }: Serving): string {
  const { nowMb, mostMb } = memoryOf(child);
  return `${nowMb.toFixed(0)} MB (at most ${mostMb.toFixed(0)} MB)`;
}

function rowOf(inFlight: number, pairs: readonly (readonly [Sample, Sample])[]) {
  const perSecond = ({ requests, elapsedMs }: Sample) => (requests * 1_000) / elapsedMs;
  const of = (index: 0 | 1, read: (sample: Sample) => number) =>
    median(pairs.map((pair) => read(pair[index])));
  const ratio = (read: (sample: Sample) => number) =>
    median(pairs.map(([floor, ours]) => read(ours) / read(floor))).toFixed(2);
  const both = (read: (sample: Sample) => number, digits: number) =>
    `${of(1, read).toFixed(digits)} / ${of(0, read).toFixed(digits)}`;
  return {
    'in flight': inFlight,
    'requests/s': both(perSecond, 0),
    'of the floor': ratio(perSecond),
    'p50 ms': both(({ p50Ms }) => p50Ms, 2),
    'p99 ms': both(({ p99Ms }) => p99Ms, 2),
    'p99 ×': ratio(({ p99Ms }) => p99Ms),
    'CPU µs': both(({ cpuUs }) => cpuUs, 0),
    'CPU ×': ratio(({ cpuUs }) => cpuUs),
  };
}

/** With 2,000 Instrumentations in a cluster: once it is ready, and after 3 s of each body. */
async function weigh(): Promise<void> {
  await withCluster(2_000, async (kubeconfig) => {
    const ours = await serve(programWith({ kubeconfig }));
    const load = start([join(root, 'bench/webhook/load.ts')], 1);
    try {
      console.log(`\nRSS with 2,000 Instrumentations: ${memory(ours)}`);
      for (const { path, text } of bodies) {
        const order = { ca, path, body: text, inFlight: 16, warmUpMs: 0, measureMs: 3_000 };
        await measure(load, { ...order, port: ours.webhookPort });
      }
      console.log(`after 3 s of each body, 16 in flight: ${memory(ours)}`);
    } finally {
      await Promise.all([end(ours.child), end(load)]);
    }
  });
}

async function withCluster(
  count: number,
  use: (kubeconfig: string) => Promise<void>,
): Promise<void> {
  const cluster = start([join(root, 'bench/webhook/cluster.ts'), String(count)], 1);
  const file = join(directory, 'kubeconfig');
  try {
    const { kubeconfig } = JSON.parse(await firstLineOf(cluster)) as { kubeconfig: string };
    writeFileSync(file, kubeconfig);
    await use(file);
  } finally {
    await end(cluster);
  }
}

/** Whatever stays behind of each request has piled up after 100,000 of them. */
async function lookForLeaks(): Promise<void> {
  const answering = ['--expose-gc', '--import', join(root, 'bench/webhook/heap.ts')];
  const ours = await serve([...answering, ...programWith(fromFile)]);
  const load = start([join(root, 'bench/webhook/load.ts')], 1);
  const [asks, asksNothing] = bodies;
  let requests = 0;
  const heapAfter = async (count: number) => {
    for (let turn = 0; requests < count; turn++) {
      const { path, text } = turn % 4 === 3 ? asksNothing : asks;
      const order = { ca, path, body: text, inFlight: 16, warmUpMs: 0, measureMs: 500 };
      requests += (await measure(load, { ...order, port: ours.webhookPort })).inAll;
    }
    return (await heapOf(ours.child)) / 2 ** 20;
  };
  try {
    const early = await heapAfter(10_000);
    const late = await heapAfter(100_000);
    const figures = `${early.toFixed(1)} MB, ${late.toFixed(1)} MB`;
    console.log(`heap after 10,000 requests and after 100,000: ${figures}`);
    if (late > early * 1.1) throw new Error('Something stays behind of each request.');
  } finally {
    await Promise.all([end(ours.child), end(load)]);
  }
}

async function clockStarts(): Promise<void> {
  for (const count of [1, 2_000]) {
    await withCluster(count, async (kubeconfig) => {
      const times = [];
      for (let index = 0; index < 5; index++) {
        const port = 20_000 + ((process.pid * 7 + index) % 10_000);
        times.push(await timeToReady(programWith({ kubeconfig }, port), port));
      }
      const sorted = times.toSorted((a, b) => a - b).map((ms) => Math.round(ms));
      console.log(`start to ready with ${count} Instrumentations, ms: ${sorted.join(' ')}`);
    });
  }
}

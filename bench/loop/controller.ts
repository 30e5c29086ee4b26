import { randomUUID } from 'node:crypto';
import { readSettings, type Settings } from '../../config/settings.ts';
import { createClient } from '../../controller/kube/client.ts';
import { readKubeConfig } from '../../controller/kube/credentials.ts';
import { machineTime, usualFlow } from '../../controller/kube/pace.ts';
import { createTransport } from '../../controller/kube/transport.ts';
import { createLog } from '../../controller/log.ts';
import { createCaches } from '../../controller/loop/caches.ts';
import { createServerClock } from '../../controller/loop/clock.ts';
import { budgetOf } from '../../controller/loop/allowance.ts';
import { Controller } from '../../controller/loop/role.ts';
import { createRecord } from '../../controller/record.ts';
import type { Fact } from '../../domain/facts.ts';
import { createMetrics } from '../../metrics/observe.ts';
import { observeBlocks, type Blocks } from './blocks.ts';
import { answerAll } from './talk.ts';

/*
 * The controller as it runs in a cluster, but for the budget that is handed in, and with an ear for
 * what it does. It is asked over the channel of a child process.
 */

export type Question =
  /** Answered when it leads, its first round is over and the webhook is proven. */
  | { readonly ask: 'ready' }
  /** Marks every workload, waits for the round and tells how long it took. */
  | { readonly ask: 'judge' }
  | { readonly ask: 'begin' }
  /** What has been seen since the beginning. */
  | { readonly ask: 'end' };

export interface Judged {
  readonly judged: number;
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly blocks: Blocks;
}

export interface Seen {
  readonly cpuMs: number;
  readonly rounds: number;
  readonly longestRoundMs: number;
  readonly facts: Readonly<Record<string, number>>;
  readonly blocks: Blocks;
}

const [, , kubeconfig = '', speed = 'usual'] = process.argv;
const settings = settingsOf({
  role: 'controller',
  namespace: 'otel-retrofit',
  'settle-missing-seconds': 0,
  'owner-quiet-seconds': 0,
  'warm-up-seconds': 0,
  'proof-interval-seconds': 1,
});
/** Wider than any setting allows. */
const many = 100_000;
const budget = {
  ...budgetOf(settings),
  atOnce: many,
  atOncePerNamespace: many,
  statefulAtOnce: many,
  perHour: many,
  rampStart: many,
};
const fast = { perSecond: many, burst: many, waiting: usualFlow.waiting };

const heard = new Set<(fact: Fact) => void>();
const metrics = createMetrics(
  { version: 'bench', node: process.version },
  {
    certificates: () => [],
    caches: () => caches.caches(),
    loop: () => controller.state(),
  },
);
const clock = createServerClock(machineTime);
const transport = createTransport(readKubeConfig({ file: kubeconfig }), {
  version: 'bench',
  observe: metrics.observeCall,
  observeDate: clock.note,
});
const client = createClient(transport, speed === 'fast' ? { flow: fast } : {});
const log = createLog({ level: 'error', format: 'json', output: process.stderr });
const record = createRecord(metrics, log, (fact) => {
  controller.hear(fact);
  for (const hear of heard) hear(fact);
});
const caches = createCaches({
  client,
  defaults: settings,
  onMark: (workload) => controller.mark(workload),
  onWords: () => controller.review(),
  listener: { onState: () => undefined, onFault: () => undefined },
});
const controller: Controller = new Controller({
  settings,
  budget,
  client,
  caches,
  clock,
  record,
  identity: `bench_${randomUUID()}`,
  nonce: randomUUID,
  time: machineTime,
});
const ready = Promise.all([next('RoundDone'), next('ProbeSucceeded')]);
const ending = new AbortController();
void caches.run(ending.signal);
void controller.run(ending.signal);
let seeing: ReturnType<typeof see> | undefined;
answerAll(async (question) => {
  const { ask } = question as Question;
  if (ask === 'judge') return judgeAll();
  if (ask === 'end') return seeing?.() ?? {};
  if (ask === 'ready') await ready;
  else seeing = see();
  return {};
});

function settingsOf(given: Readonly<Record<string, string | number>>): Settings {
  const words = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const reading = readSettings(words, {}, undefined);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.settings;
}

function next<T extends Fact['type']>(
  type: T,
  isIt: (fact: Extract<Fact, { type: T }>) => boolean = () => true,
): Promise<Extract<Fact, { type: T }>> {
  return new Promise((resolve) => {
    const hear = (one: Fact) => {
      if (one.type !== type || !isIt(one as Extract<Fact, { type: T }>)) return;
      heard.delete(hear);
      resolve(one as Extract<Fact, { type: T }>);
    };
    heard.add(hear);
  });
}

async function judgeAll(): Promise<Judged> {
  const { workloads } = caches.kept;
  const keys = Object.entries(workloads).flatMap(([kind, records]) =>
    [...records.keys()].map((key) => `${kind}/${key}`),
  );
  const blocks = observeBlocks();
  const cpu = process.threadCpuUsage();
  const done = next('RoundDone', ({ judged }) => judged >= keys.length);
  for (const key of keys) controller.mark(key);
  const { judged, elapsedMs } = await done;
  const { user, system } = process.threadCpuUsage(cpu);
  return { judged, elapsedMs, cpuMs: (user + system) / 1_000, blocks: blocks.end() };
}

function see(): () => Seen {
  const facts: Record<string, number> = {};
  let longestRoundMs = 0;
  const hear = (one: Fact) => {
    facts[one.type] = (facts[one.type] ?? 0) + 1;
    if (one.type === 'RoundDone') longestRoundMs = Math.max(longestRoundMs, one.elapsedMs);
  };
  heard.add(hear);
  const blocks = observeBlocks();
  const cpu = process.cpuUsage();
  return () => {
    heard.delete(hear);
    const { user, system } = process.cpuUsage(cpu);
    const rounds = facts['RoundDone'] ?? 0;
    return { cpuMs: (user + system) / 1_000, rounds, longestRoundMs, facts, blocks: blocks.end() };
  };
}

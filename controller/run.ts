import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Writable } from 'node:stream';
import type { Settings } from '../config/settings.ts';
import type { Defaults } from '../domain/injection/match.ts';
import { createMetrics, type Metrics } from '../metrics/observe.ts';
import { createClient, type Client } from './kube/client.ts';
import { readKubeConfig } from './kube/credentials.ts';
import { machineTime } from './kube/pace.ts';
import { createTransport, type Transport } from './kube/transport.ts';
import { closeLog, createLog, type Log } from './log.ts';
import { createCaches } from './loop/caches.ts';
import { createServerClock, type ServerClock } from './loop/clock.ts';
import { Controller, type ControllerOptions } from './loop/role.ts';
import { obstacleIn } from './obstacle.ts';
import { openIfAsked } from './page/page.ts';
import type { Opened } from './page/server.ts';
import { openProbes, type Probes, type Questions } from './probes.ts';
import { createRecord } from './record.ts';
import { fromCluster, type Listener } from './surroundings/cluster.ts';
import { fromFolder } from './surroundings/folder.ts';
import type { Surroundings } from './surroundings/surroundings.ts';
import { createWebhook, type Webhook } from './webhook/role.ts';

export interface RunOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** Given when it is time to stop. */
  readonly signal: AbortSignal;
  /** Takes what is to happen when a person wants to see more in the log, or enough. */
  readonly onSwitch: (turn: () => void) => void;
  /** Where the log goes, if not to standard output. */
  readonly output?: Writable | undefined;
}

interface Parts {
  readonly metrics: Metrics;
  readonly transport: Transport | undefined;
  readonly surroundings: Surroundings;
  /** Each where the role asks for it. */
  readonly webhook: Webhook | undefined;
  readonly controller: Controller | undefined;
}

export type Ended =
  | { readonly kind: 'stopped' }
  /** Nothing was served: something stands in the way that a person can clear. */
  | { readonly kind: 'hindered'; readonly problem: string };

/** Runs until it is told to stop, and then until what is under way has ended. */
export async function run(options: RunOptions): Promise<Ended> {
  const { settings, version, output } = options;
  const log = createLog({ level: settings.logLevel, format: formatOf(options), output });
  options.onSwitch(() => {
    log.setLevel(log.level === 'debug' ? settings.logLevel : 'debug');
    log.info('log level changed', { level: log.level });
  });
  log.info('starting', { version, node: process.version, settings });
  try {
    await runParts(options, log);
    return { kind: 'stopped' };
  } catch (error) {
    const problem = obstacleIn(error, settings);
    if (problem === undefined) throw error;
    return { kind: 'hindered', problem };
  } finally {
    await closeLog(log);
  }
}

async function runParts(options: RunOptions, log: Log): Promise<void> {
  const { bindAddress: address, probePort, metricsPort, ...settings } = options.settings;
  const ending = new AbortController();
  const leaving = new AbortController();
  const parts = assemble(options, log);
  let probes: Probes | undefined;
  let page: Opened | undefined;
  let leading: Promise<void> | undefined;
  try {
    probes = await openProbes({ address, probePort, metricsPort }, questionsTo(parts, log));
    page = await openIfAsked(parts.controller?.sources, options.settings, log);
    leading = parts.controller?.run(leaving.signal);
    await serve(parts, { probes, page }, { ...options, ending: ending.signal, leading, log });
    const { stopDelayMs, stopLimitMs } = settings;
    log.info('stopping', { stopDelayMs, stopLimitMs });
    leaving.abort();
    const cut = parts.webhook?.server.stop({
      lingerMs: stopDelayMs,
      graceMs: stopDelayMs + stopLimitMs,
    });
    const [requestsCut] = await Promise.all([cut, leading]);
    log.info('stopped', { requestsCut });
  } finally {
    leaving.abort();
    ending.abort();
    await leading;
    await page?.close();
    await probes?.close();
    await parts.transport?.close();
  }
}

const formatOf = ({ settings, isTerminal }: RunOptions) => {
  if (settings.logFormat !== 'auto') return settings.logFormat;
  return isTerminal ? 'text' : 'json';
};

function assemble(options: RunOptions, log: Log): Parts {
  const { settings, version } = options;
  const time = machineTime;
  const clock = createServerClock(time);
  const metrics = createMetrics(
    { version, node: process.version },
    {
      certificates: () => (webhook === undefined ? [] : expiries(webhook)),
      caches: () => surroundings.caches(),
      loop: () => controller?.state(),
    },
  );
  const record = createRecord(metrics, log, (fact) => controller?.hear(fact));
  const reached = settings.manifests === undefined ? reach(options, metrics, clock) : undefined;
  const listener = listenerTo(log);
  const caches =
    reached === undefined || settings.role === 'webhook'
      ? undefined
      : createCaches({
          client: reached.client,
          defaults: settings,
          listener,
          onMark: (workload) => controller?.mark(workload),
          onWords: () => controller?.review(),
          onDefinition: () => controller?.suspectDefinition(),
        });
  const surroundings = caches ?? knowledge({ settings, client: reached?.client, listener, log });
  const shared = { settings, record, time };
  const webhook =
    settings.role === 'controller'
      ? undefined
      : createWebhook({ ...shared, surroundings, client: reached?.client });
  const controller =
    reached && caches ? lead({ ...shared, client: reached.client, caches, clock }) : undefined;
  return { metrics, transport: reached?.transport, surroundings, webhook, controller };
}

type Lead = Omit<ControllerOptions, 'identity' | 'nonce'>;

/** A pod that starts again is another candidate for the lease, so its name alone would not do. */
const lead = (options: Lead): Controller =>
  new Controller({ ...options, identity: `${hostname()}_${randomUUID()}`, nonce: randomUUID });

const listenerTo = (log: Log): Listener => ({
  onState: (resource, state) => log.info('cache changed', { resource, state }),
  onFault: (resource, fault, pauseMs) =>
    log.warn('watch interrupted', { resource, fault: fault.key, cause: fault, pauseMs }),
});

interface Sources {
  readonly settings: Settings;
  readonly client: Client | undefined;
  readonly listener: Listener;
  readonly log: Log;
}

/** The little that the webhook alone has to know. */
function knowledge({ settings, client, listener, log }: Sources): Surroundings {
  const defaults: Defaults = settings;
  if (client !== undefined) return fromCluster(client, defaults, listener);
  return fromFolder({
    directory: settings.manifests ?? '.',
    defaults,
    time: machineTime,
    onProblem: (file, problem) => log.warn('manifest cannot be read', { file, problem }),
  });
}

function reach(
  { settings, version, environment }: RunOptions,
  metrics: Metrics,
  clock: ServerClock,
) {
  const { kubeconfig: file, context } = settings;
  const transport = createTransport(readKubeConfig({ file, context }), {
    version,
    environment,
    observe: metrics.observeCall,
    observeDate: clock.note,
  });
  return { transport, client: createClient(transport) };
}

function expiries({ certificates }: Webhook) {
  const { serving, authority } = certificates.expiries();
  return [
    { certificate: 'serving' as const, expiresAt: serving },
    { certificate: 'authority' as const, expiresAt: authority },
  ].filter(
    (one): one is { certificate: 'serving' | 'authority'; expiresAt: number } =>
      one.expiresAt !== undefined,
  );
}

function questionsTo({ metrics, webhook, controller, surroundings }: Parts, log: Log): Questions {
  return {
    health: () => controller?.health() ?? [],
    // Whoever stands by is ready: what it would need to lead it knows.
    readiness: () => webhook?.server.readiness().reasons ?? surroundings.missing(),
    metrics: metrics.expose,
    onFailure: (path, cause) => log.error('probe failed', { path, cause }),
  };
}

interface Serving extends RunOptions {
  /** Ends what runs beside the requests, when the last of them has been answered. */
  readonly ending: AbortSignal;
  readonly leading: Promise<void> | undefined;
  readonly log: Log;
}

/** Returns when it is time to stop. */
async function serve(
  { surroundings, webhook }: Parts,
  { probes, page }: { readonly probes: Probes; readonly page: Opened | undefined },
  serving: Serving,
): Promise<void> {
  const { signal, ending, leading, log } = serving;
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    if (signal.aborted) resolve('stopped');
  });
  const beside = Promise.all([
    surroundings.run(ending),
    webhook?.certificates.run(ending),
    leading,
  ]);
  const opening = webhook?.open() ?? surroundings.complete.then(() => undefined);
  const opened = await Promise.race([opening.then((port) => ({ port })), stopped, beside]);
  if (opened === 'stopped' || !('port' in opened)) return;
  const { probePort, metricsPort } = probes;
  const pagePort = page?.port;
  log.info('serving', { webhookPort: opened.port, probePort, metricsPort, pagePort });
  await Promise.race([stopped, beside]);
}

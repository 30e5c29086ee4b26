import type { Writable } from 'node:stream';
import type { Settings } from '../config/settings.ts';
import type { Defaults } from '../domain/injection/match.ts';
import { createMetrics, type Metrics } from '../metrics/observe.ts';
import { createClient } from './kube/client.ts';
import { readKubeConfig } from './kube/credentials.ts';
import { machineTime } from './kube/pace.ts';
import { createTransport, type Transport } from './kube/transport.ts';
import { closeLog, createLog, type Log } from './log.ts';
import { obstacleIn } from './obstacle.ts';
import { openProbes, type Probes, type Questions } from './probes.ts';
import { createRecord } from './record.ts';
import { fromCluster } from './surroundings/cluster.ts';
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
  readonly webhook: Webhook;
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
  const parts = assemble(options, log);
  let probes: Probes | undefined;
  try {
    probes = await openProbes({ address, probePort, metricsPort }, questionsTo(parts, log));
    await serve(parts, probes, { ...options, ending: ending.signal, log });
    const { stopDelayMs, stopLimitMs } = settings;
    log.info('stopping', { stopDelayMs, stopLimitMs });
    const cut = await parts.webhook.server.stop({
      lingerMs: stopDelayMs,
      graceMs: stopDelayMs + stopLimitMs,
    });
    log.info('stopped', { requestsCut: cut });
  } finally {
    ending.abort();
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
  const metrics = createMetrics(
    { version, node: process.version },
    {
      certificates: () => expiries(webhook),
      caches: () => surroundings.caches(),
    },
  );
  const record = createRecord(metrics, log);
  const defaults: Defaults = settings;
  const transport = settings.manifests === undefined ? transportFor(options, metrics) : undefined;
  const client = transport && createClient(transport);
  const surroundings =
    client === undefined
      ? fromFolder({
          directory: settings.manifests ?? '.',
          defaults,
          time,
          onProblem: (file, problem) => log.warn('manifest cannot be read', { file, problem }),
        })
      : fromCluster(client, defaults, {
          onState: (resource, state) => log.info('cache changed', { resource, state }),
          onFault: (resource, fault, pauseMs) =>
            log.warn('watch interrupted', { resource, fault: fault.key, cause: fault, pauseMs }),
        });
  const webhook = createWebhook({ settings, surroundings, client, record, time });
  return { metrics, transport, surroundings, webhook };
}

function transportFor({ settings, version, environment }: RunOptions, metrics: Metrics): Transport {
  const { kubeconfig: file, context } = settings;
  return createTransport(readKubeConfig({ file, context }), {
    version,
    environment,
    observe: metrics.observeCall,
  });
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

function questionsTo({ metrics, webhook }: Parts, log: Log): Questions {
  return {
    health: () => [],
    readiness: () => webhook.server.readiness().reasons,
    metrics: metrics.expose,
    onFailure: (path, cause) => log.error('probe failed', { path, cause }),
  };
}

interface Serving extends RunOptions {
  /** Ends what runs beside the requests, when the last of them has been answered. */
  readonly ending: AbortSignal;
  readonly log: Log;
}

/** Returns when it is time to stop. */
async function serve(
  { surroundings, webhook }: Parts,
  probes: Probes,
  serving: Serving,
): Promise<void> {
  const { signal, ending, log } = serving;
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    if (signal.aborted) resolve('stopped');
  });
  const beside = Promise.all([surroundings.run(ending), webhook.certificates.run(ending)]);
  const opened = await Promise.race([webhook.open(), stopped, beside]);
  if (typeof opened !== 'number') return;
  const { probePort, metricsPort } = probes;
  log.info('serving', { webhookPort: opened, probePort, metricsPort });
  await Promise.race([stopped, beside]);
}

import type { Settings } from '../config/settings.ts';
import { faults, type Entry } from '../domain/faults.ts';
import { Fault } from './kube/fault.ts';

/** What stood in the way of a start, in words for the person who can clear it; nothing if nobody can. */
export function obstacleIn(error: unknown, settings: Settings): string | undefined {
  if (error instanceof Fault) return toldOf(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return undefined;
  const { code = '', port } = cause as NodeJS.ErrnoException & { readonly port?: number };
  const why = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  return why && `${settingOf(port, settings)}: port ${port} cannot be opened: ${why}`;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it. Give another one, or 0 for any that is free.',
  EACCES: 'this user may not. Give one above 1023.',
  EADDRNOTAVAIL: 'this machine does not have the address of bind-address.',
};

function settingOf(port: number | undefined, settings: Settings): string {
  const { webhookPort, pagePort, metricsPort, probePort } = settings;
  if (port === webhookPort) return 'webhook-port';
  if (port === pagePort) return 'page-port';
  return port === metricsPort && port !== probePort ? 'metrics-port' : 'probe-port';
}

function toldOf({ key, message }: Fault): string {
  const { remedy = '' }: Entry = faults[key];
  return `kubeconfig: ${message} ${remedy}`.trim();
}

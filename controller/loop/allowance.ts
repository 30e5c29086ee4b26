import type { Settings } from '../../config/settings.ts';
import type { Rules } from '../../domain/restart/judge/policy.ts';
import type { Limits } from '../../domain/restart/judge/reading.ts';
import type { Budget } from '../../domain/restart/plan.ts';

const alwaysProtected = ['kube-system', 'kube-public', 'kube-node-lease'];

/** What the settings allow in which namespace; what our own namespace says on top is in the cluster. */
export function rulesOf(settings: Settings, annotations: Rules['home']['annotations']): Rules {
  const { namespace: name, remediation, restartOutdated, protectedNamespaces = [] } = settings;
  return {
    remediation,
    restartsOutdated: restartOutdated,
    protectedNamespaces: new Set([...alwaysProtected, ...protectedNamespaces]),
    home: { name, annotations },
  };
}

/** How many restarts the settings allow, and how fast. */
export const budgetOf = (settings: Settings): Budget & Limits => ({
  settleMissingSeconds: settings.settleMissingSeconds,
  settleOutdatedSeconds: settings.settleOutdatedSeconds,
  soakSeconds: settings.soakSeconds,
  proveSeconds: settings.proveSeconds,
  atOnce: settings.restartsAtOnce,
  atOncePerNamespace: settings.restartsAtOncePerNamespace,
  statefulAtOnce: settings.statefulRestartsAtOnce,
  perHour: settings.restartsPerHour,
  rampStart: 1,
  attemptsPerDay: settings.attemptsPerDay,
  attemptsPerWeek: settings.attemptsPerWeek,
  quietSeconds: settings.ownerQuietSeconds,
});

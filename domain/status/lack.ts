import type { Reason } from '../reasons.ts';
import type { Verdict } from '../restart/verdict.ts';
import type { Told } from './told.ts';

/** The reason that most of the pods lack it for; ties go by name, so that it does not flap. */
export function commonestLack(asking: readonly Told[]): Reason {
  const counts = new Map<Reason, number>();
  for (const { judgement, verdict } of asking) {
    const { missing, outdated, adopted, refused } = judgement.coverage;
    const lacking = missing + outdated + adopted + refused;
    const reason = lacking > 0 ? reasonOf(verdict, refused > 0) : undefined;
    if (reason) counts.set(reason, (counts.get(reason) ?? 0) + lacking);
  }
  const [commonest] = [...counts].toSorted(
    ([one, many], [other, more]) => more - many || (one < other ? -1 : 1),
  );
  return commonest?.[0] ?? 'WebhookMissed';
}

/** Where a restart is on its way the cause is told, since it stays while the waiting changes its name. */
function reasonOf(verdict: Verdict, isRefused: boolean): Reason | undefined {
  if (verdict.kind === 'exempt' || verdict.kind === 'current') return undefined;
  if (verdict.kind !== 'waiting') return verdict.reason;
  return verdict.cause ?? (isRefused ? undefined : verdict.reason);
}

import type { Seconds } from '../records/metadata.ts';
import { hourSeconds, type Gate, type Round } from './round.ts';

/** For a while after it takes over, a leader only watches: what it has yet to hear of is on its way. */
export function warmGate({ warmAt, now }: Pick<Round, 'warmAt' | 'now'>): Gate {
  return {
    whyNot: () => (now < warmAt ? { reason: 'WarmingUp', until: warmAt } : undefined),
  };
}

/**
 * A restart without a webhook that is seen to work is pure harm. A pod that has come without the
 * agent speaks against every proof before it: only a later one tells that the next pod would get it.
 */
export function proofGate({ provenAt, now }: Pick<Round, 'provenAt' | 'now'>): Gate {
  return {
    whyNot({ youngestBareAt = 0 }) {
      if (provenAt !== undefined && provenAt > youngestBareAt) return undefined;
      // Times are whole seconds: what is tried in the same one may have come before the pod.
      const until = youngestBareAt >= now ? youngestBareAt + 1 : undefined;
      return { reason: 'WebhookUnproven', until: provenAt === undefined ? undefined : until };
    },
  };
}

/** Counts every restart that a judgement knows of, whoever sent it, and those that none can tell of. */
export function hourGate(
  { judgements, untoldAt, now }: Pick<Round, 'judgements' | 'untoldAt' | 'now'>,
  { perHour }: { readonly perHour: number },
): Gate {
  const isRecent = (at: Seconds) => at > now - hourSeconds;
  const markers = judgements.flatMap(({ attempt }) => attempt.times.filter(isRecent));
  const spent = [...markers, ...untoldAt.filter(isRecent)].toSorted((one, other) => one - other);
  return {
    whyNot() {
      if (spent.length < perHour) return undefined;
      const leaver = spent[spent.length - perHour];
      return { reason: 'RateLimited', until: leaver && leaver + hourSeconds };
    },
    take: () => {
      spent.push(now);
    },
  };
}

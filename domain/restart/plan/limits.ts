import type { Seconds } from '../records/metadata.ts';
import type { Gate, Round } from './round.ts';

/** For a while after it takes over, a leader only watches: what it has yet to hear of is on its way. */
export function warmGate({ warmAt, now }: Pick<Round, 'warmAt' | 'now'>): Gate {
  return {
    whyNot: () => (now < warmAt ? { reason: 'WarmingUp', until: warmAt } : undefined),
  };
}

/** A restart without a webhook that is seen to work is pure harm. */
export function proofGate({ isWebhookProven }: Pick<Round, 'isWebhookProven'>): Gate {
  return {
    whyNot: () => (isWebhookProven ? undefined : { reason: 'WebhookUnproven', until: undefined }),
  };
}

const hourSeconds = 3_600;

/** Counts every restart that a marker or a revision tells of, whoever sent it. */
export function hourGate(
  { judgements, refusedAt, now }: Pick<Round, 'judgements' | 'refusedAt' | 'now'>,
  { perHour }: { readonly perHour: number },
): Gate {
  const isRecent = (at: Seconds) => at > now - hourSeconds;
  const markers = judgements.flatMap(({ attempt }) => attempt.times.filter(isRecent));
  const spent = [...markers, ...refusedAt.filter(isRecent)].toSorted((one, other) => one - other);
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

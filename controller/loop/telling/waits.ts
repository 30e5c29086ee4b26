import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { Judgement } from '../../../domain/restart/verdict.ts';
import { waitsForPeople } from '../../../domain/status/attention.ts';
import type { Change } from '../looking/view.ts';

/** Remembers who waits for what only people can bring about, and for how long. */
export interface Waits {
  /** Those that have waited for long as of now, each once for as long as it waits. */
  readonly see: (changes: readonly Change[], now: Seconds) => readonly Long[];
}

interface Long {
  readonly judgement: Judgement;
  /** Whether it began to wait while somebody was looking. */
  readonly isNews: boolean;
}

interface Wait extends Long {
  readonly since: Seconds;
  readonly isTold: boolean;
}

/** A drain or a crash keeps a budget from sparing a pod for a while: that is no news to anybody. */
export const longSeconds = 300;

export function createWaits(): Waits {
  const waits = new Map<string, Wait>();
  let hasLooked = false;

  const note = ({ before, now: judgement }: Change, now: Seconds): void => {
    const key = judgement?.key ?? before?.key;
    if (key === undefined) return;
    const known = waits.get(key);
    if (judgement === undefined || !waitsForPeople(judgement.verdict)) waits.delete(key);
    else if (known?.judgement.workload.uid === judgement.workload.uid)
      waits.set(key, { ...known, judgement });
    else waits.set(key, { judgement, since: now, isNews: hasLooked, isTold: false });
  };

  return {
    see: (changes, now) => {
      for (const change of changes) note(change, now);
      hasLooked = true;
      const long = [...waits].filter(
        ([, { since, isTold }]) => !isTold && since <= now - longSeconds,
      );
      for (const [key, wait] of long) waits.set(key, { ...wait, isTold: true });
      return long.map(([, wait]) => wait);
    },
  };
}

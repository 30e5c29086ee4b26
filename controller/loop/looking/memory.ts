import { resumedIn } from '../../../domain/restart/judge/policy.ts';
import type { Seconds } from '../../../domain/restart/records/metadata.ts';
import type { Revision } from '../../../domain/restart/records/revision.ts';
import type { Workload } from '../../../domain/restart/records/workload.ts';
import type { Memory } from '../../../domain/restart/snapshot.ts';
import type { Judgement } from '../../../domain/restart/verdict.ts';
import { isOlder } from '../../kube/resource.ts';
import type { Acted } from '../acting/act.ts';

/** What the cluster does not tell. It begins empty with each leader, and that only costs time. */
export interface Memories {
  readonly of: (workload: Workload, revisions: readonly Revision[], now: Seconds) => Memory;
  /** Since when pods are behind, for as long as they are, for what they ask now. */
  readonly see: (judgement: Judgement, now: Seconds) => Seconds | undefined;
  readonly begin: (judgement: Judgement, number: number, now: Seconds) => void;
  readonly end: (judgement: Judgement, acted: Acted, now: Seconds) => void;
  /** When writes were refused in the last hour. */
  readonly refusedAt: (now: Seconds) => readonly Seconds[];
  readonly forget: (uid: string) => void;
  /** Restarts that were sent and that the cache does not show yet. */
  readonly unseen: () => number;
}

interface Behind {
  readonly asked: string;
  readonly since: Seconds;
}

interface Sent {
  readonly number: number;
  readonly at: Seconds;
  /** The cache tells from this version on; of what is uncertain, when it has another than the one that was judged. */
  readonly tells: { readonly from: string } | { readonly unlike: string };
}

/** So long after a write of unknown outcome nobody carries it out any more. */
const uncertainSeconds = 60;
const hourSeconds = 3_600;

export function createMemories(): Memories {
  const behind = new Map<string, Behind>();
  const rejected = new Map<string, NonNullable<Memory['rejected']>>();
  const sent = new Map<string, Sent>();
  let refusals: readonly Seconds[] = [];

  return {
    of: (workload, revisions, now) => {
      const { uid } = workload;
      const under = sent.get(uid);
      if (under && isSeen(under, workload, revisions, now)) sent.delete(uid);
      return {
        behindSince: behind.get(uid)?.since,
        rejected: rejected.get(uid),
        sent: sent.get(uid),
      };
    },
    see: ({ workload: { uid }, wanted, coverage }, now) => {
      const isBehind = coverage.missing + coverage.outdated + coverage.adopted > 0;
      if (!isBehind || wanted.kind === 'nothing') behind.delete(uid);
      else if (behind.get(uid)?.asked !== wanted.stamp.asked)
        behind.set(uid, { asked: wanted.stamp.asked, since: now });
      return behind.get(uid)?.since;
    },
    begin: ({ workload: { uid, version } }, number, now) => {
      sent.set(uid, { number, at: now, tells: { unlike: version } });
    },
    end: ({ workload, wanted }, acted, now) => {
      const { uid, digest: template } = workload;
      const under = sent.get(uid);
      if (acted.kind === 'sent' && under)
        sent.set(uid, { ...under, tells: { from: acted.version } });
      if (acted.kind === 'dropped' || acted.kind === 'rejected') sent.delete(uid);
      if (acted.kind !== 'rejected' || wanted.kind === 'nothing') return;
      const resumedTo = resumedIn(workload.annotations);
      rejected.set(uid, { template, asked: wanted.stamp.asked, at: now, resumedTo });
      refusals = [...refusals, now];
    },
    refusedAt: (now) => (refusals = refusals.filter((at) => at > now - hourSeconds)),
    forget: (uid) => {
      for (const each of [behind, rejected, sent]) each.delete(uid);
    },
    unseen: () => sent.size,
  };
}

function isSeen(
  { number, at, tells }: Sent,
  { marker, version }: Workload,
  revisions: readonly Revision[],
  now: Seconds,
): boolean {
  const numbers = [marker, ...revisions.map((one) => one.marker)].map((one) => one?.number ?? 0);
  if (Math.max(...numbers) >= number) return true;
  if ('from' in tells) return !isOlder(version, tells.from);
  return version !== tells.unlike || now - at > uncertainSeconds;
}

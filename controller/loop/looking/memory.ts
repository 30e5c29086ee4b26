import { lackOf } from '../../../domain/restart/coverage.ts';
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
  /** When, in the last hour, writes were refused, and workloads restarted that are gone since. */
  readonly untoldAt: (now: Seconds) => readonly Seconds[];
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
const weekSeconds = 7 * 86_400;
/** Of one workload: more than any setting allows it in a week. */
const mostRestarts = 16;

export function createMemories(): Memories {
  const behind = new Map<string, Behind>();
  const rejected = new Map<string, NonNullable<Memory['rejected']>>();
  const sent = new Map<string, Sent>();
  const restarts = createRestarts();
  let untold: readonly Seconds[] = [];

  return {
    of: (workload, revisions, now) => {
      const { uid } = workload;
      const under = sent.get(uid);
      const seen = under && seenOf(under, workload, revisions, now);
      if (under && seen === 'carriedOut') restarts.add(uid, under);
      if (seen) sent.delete(uid);
      return {
        behindSince: behind.get(uid)?.since,
        rejected: rejected.get(uid),
        sent: sent.get(uid),
        restarts: restarts.of(uid, now),
      };
    },
    see: (judgement, now) => seeIn(behind, judgement, now),
    begin: ({ workload: { uid, version } }, number, now) => {
      sent.set(uid, { number, at: now, tells: { unlike: version } });
    },
    end: ({ workload, wanted }, acted, now) => {
      const { uid, digest: template } = workload;
      const under = sent.get(uid);
      if (acted.kind === 'sent' && under) {
        sent.set(uid, { ...under, tells: { from: acted.version } });
        restarts.add(uid, under);
      }
      if (acted.kind === 'dropped' || acted.kind === 'rejected') sent.delete(uid);
      if (acted.kind !== 'rejected' || wanted.kind === 'nothing') return;
      const resumedTo = resumedIn(workload.annotations);
      rejected.set(uid, { template, asked: wanted.stamp.asked, at: now, resumedTo });
      untold = [...untold, now];
    },
    untoldAt: (now) => (untold = untold.filter((at) => at > now - hourSeconds)),
    forget: (uid) => {
      const pending = sent.get(uid);
      if (pending) restarts.add(uid, pending);
      untold = [...untold, ...restarts.timesOf(uid)];
      for (const each of [behind, rejected, sent, restarts]) each.delete(uid);
    },
    unseen: () => sent.size,
  };
}

function seeIn(
  behind: Map<string, Behind>,
  { workload: { uid }, wanted, coverage }: Judgement,
  now: Seconds,
): Seconds | undefined {
  if (lackOf(coverage) === undefined || wanted.kind === 'nothing') behind.delete(uid);
  else if (behind.get(uid)?.asked !== wanted.stamp.asked)
    behind.set(uid, { asked: wanted.stamp.asked, since: now });
  return behind.get(uid)?.since;
}

/** Those that were sent to each workload, newest first. */
function createRestarts() {
  const known = new Map<string, Memory['restarts']>();
  const of = (uid: string) => known.get(uid) ?? [];
  return {
    add: (uid: string, { number, at }: Sent) => {
      const others = of(uid).filter((one) => one.at !== at);
      known.set(uid, [{ number, at }, ...others].slice(0, mostRestarts));
    },
    of: (uid: string, now: Seconds): Memory['restarts'] =>
      of(uid).filter(({ at }) => at > now - weekSeconds),
    timesOf: (uid: string) => of(uid).map(({ at }) => at),
    delete: (uid: string) => known.delete(uid),
  };
}

/** What the cache tells of it; nothing while it is waited for. */
function seenOf(
  { number, at, tells }: Sent,
  { marker, version }: Workload,
  revisions: readonly Revision[],
  now: Seconds,
): 'carriedOut' | 'over' | undefined {
  const markers = [marker, ...revisions.map((one) => one.marker)];
  if (markers.some((one) => one?.times.includes(at))) return 'carriedOut';
  if (markers.some((one) => (one?.number ?? 0) >= number)) return 'over';
  const isOver =
    'from' in tells
      ? !isOlder(version, tells.from)
      : version !== tells.unlike || now - at > uncertainSeconds;
  return isOver ? 'over' : undefined;
}

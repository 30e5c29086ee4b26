import { marks } from '../../../../crds/names.ts';
import { objectAt, textAt } from '../../../../domain/json.ts';
import { readMarker } from '../../../../domain/restart/records/template.ts';
import type { Budget } from '../../../../domain/restart/plan.ts';
import type { Cluster, Sent } from './model/cluster.ts';
import { isAvailable, livePods, newestOf, type ModelWorkload } from './model/records.ts';

/** The most that was ever seen of what is limited. */
export interface Worst {
  restarts: number;
  needless: number;
  atOnce: number;
  atOncePerNamespace: number;
  statefulAtOnce: number;
  /** As far as a marker or a revision tells of them. */
  perHour: number;
  /** Of one workload, as far as a marker or a revision of it still tells. */
  perDay: number;
  perWeek: number;
  /** The same, whatever the owner has erased since. */
  perHourErased: number;
  perDayErased: number;
}

export const nothingYet = (): Worst => ({
  restarts: 0,
  needless: 0,
  atOnce: 0,
  atOncePerNamespace: 0,
  statefulAtOnce: 0,
  perHour: 0,
  perDay: 0,
  perWeek: 0,
  perHourErased: 0,
  perDayErased: 0,
});

/** How late what a leader acts on may be, all told. */
export interface Tolerance {
  readonly clocksDiffer: number;
  readonly late: number;
}

/** Watches what the API server lets through, and knows the cluster as it is rather than as a leader sees it. */
export function watch(cluster: Cluster, tolerance: Tolerance): Worst {
  const worst = nothingYet();
  const done = new Set<Sent>();
  let worldNewsAt = -Infinity;
  let settings = cluster.settingsKey();

  const note = (workload: ModelWorkload) => {
    const latest = cluster.sent.findLast((one) => one.workload === workload);
    if (latest && isDone(latest, cluster)) done.add(latest);
  };
  cluster.watchers.add({
    onWorkload: note,
    onRevision: note,
    onPod: note,
    onWebhook: () => undefined,
    onInstrumentation: () => {
      const now = cluster.settingsKey();
      if (now !== settings) worldNewsAt = cluster.now();
      settings = now;
    },
    onRestart: (sent, quietSince) => {
      const isRace = Math.max(worldNewsAt, quietSince) > cluster.now() - tolerance.late;
      if (sent.wasCurrent && !isRace) worst.needless += 1;
      count(cluster, tolerance, worst, done);
    },
  });
  return worst;
}

function count(
  cluster: Cluster,
  { clocksDiffer }: Tolerance,
  worst: Worst,
  done: ReadonlySet<Sent>,
): void {
  const { sent } = cluster;
  const latest = sent.at(-1);
  if (!latest) return;
  const now = cluster.now();
  const underWay = latestOfEach(sent).filter(
    (one) => !done.has(one) && isUnderWay(one, cluster, clocksDiffer),
  );
  const within = (seconds: number, among: readonly Sent[]) =>
    among.filter(({ at }) => at > now - seconds + clocksDiffer).length;
  const ofIt = sent.filter(({ workload }) => workload === latest.workload);
  const raise = (key: keyof Worst, to: number) => {
    worst[key] = Math.max(worst[key], to);
  };
  worst.restarts += 1;
  raise('atOnce', underWay.length);
  raise('statefulAtOnce', underWay.filter(({ workload }) => workload.kind !== 'Deployment').length);
  raise(
    'atOncePerNamespace',
    underWay.filter(({ workload }) => workload.namespace === latest.workload.namespace).length,
  );
  raise('perHour', within(3_600, sent.filter(isTold)));
  raise('perHourErased', within(3_600, sent));
  const told = ofIt.filter(isTold);
  raise('perDay', within(86_400, told));
  raise('perWeek', within(7 * 86_400, told));
  raise('perDayErased', within(86_400, ofIt));
}

const limited = [
  'atOnce',
  'atOncePerNamespace',
  'statefulAtOnce',
  'perHour',
] as const satisfies readonly (keyof Worst & keyof Budget)[];

/** What went beyond what was allowed, as `limit: seen > allowed`; a leader that lives on forgets nothing. */
export function excesses(
  worst: Worst,
  budget: Budget,
  { forgets = false } = {},
): readonly string[] {
  const erased = [
    ['perHourErased', worst.perHourErased, budget.perHour] as const,
    ['perDayErased', worst.perDayErased, budget.attemptsPerDay] as const,
  ];
  const rows = limited.map((key) => [key, worst[key], budget[key]] as const);
  return [
    ...rows,
    ...(forgets ? [] : erased),
    ['perDay', worst.perDay, budget.attemptsPerDay] as const,
    ['perWeek', worst.perWeek, budget.attemptsPerWeek] as const,
    ['needless', worst.needless, 0] as const,
  ]
    .filter(([, seen, allowed]) => seen > allowed)
    .map(([key, seen, allowed]) => `${key}: ${seen} > ${allowed}`);
}

const isTold = ({ workload, marker }: Sent): boolean => {
  const time = readMarker(marker)?.times[0];
  if (workload.isGone) return false;
  return [workload.mark, ...workload.revisions.map(({ mark }) => mark)].some(
    (mark) => time !== undefined && mark.marker?.times.includes(time) === true,
  );
};

const latestOfEach = (sent: readonly Sent[]): readonly Sent[] => [
  ...new Map(sent.map((one) => [one.workload, one])).values(),
];

const failureHolds = 30 * 60;

/** One that fails for settings that are no longer asked is over: what is asked now may mend it. */
function isUnderWay(sent: Sent, cluster: Cluster, clocksDiffer: number): boolean {
  const { workload, at, marker } = sent;
  if (workload.isGone || markerOf(workload) !== marker || isDeployedOver(sent)) return false;
  if (cluster.now() - at >= failureHolds - clocksDiffer || isDone(sent, cluster)) return false;
  const isAsked = cluster.askedOf(workload) === workload.mark.marker?.asked;
  return isAsked || !isFailing(workload, cluster.now() - at);
}

/** Its owner has brought a template of another content, marker and all: that is the owner's rollout. */
const isDeployedOver = ({ workload, marker }: Sent): boolean => {
  const number = readMarker(marker)?.number;
  return workload.revisions.some(
    ({ mark }) => mark.marker?.number === number && mark.digest !== workload.mark.digest,
  );
};

const isFailing = (workload: ModelWorkload, age: number): boolean =>
  age > 600 || workload.isExpired || livePods(workload).some(({ restarts }) => restarts > 0);

function isDone({ workload, marker }: Sent, cluster: Cluster): boolean {
  const newest = newestOf(workload);
  const live = livePods(workload);
  return (
    markerOf(workload) === marker &&
    newest?.mark.marker?.number === workload.mark.marker?.number &&
    live.length >= workload.replicas &&
    live.every((pod) => pod.revision === newest && isAvailable(pod, workload, cluster.now()))
  );
}

const markerOf = ({ template }: ModelWorkload): string | undefined =>
  textAt(objectAt(objectAt(template, 'metadata') ?? {}, 'annotations') ?? {}, marks.restart);

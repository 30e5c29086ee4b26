import test from 'ava';
import { lackOf } from '../../../../domain/restart/coverage.ts';
import { gather } from '../../../../domain/restart/gather.ts';
import { judge } from '../../../../domain/restart/judge.ts';
import type { WorkloadKind } from '../../../../domain/restart/records/metadata.ts';
import type { Snapshot } from '../../../../domain/restart/snapshot.ts';
import type { Judgement } from '../../../../domain/restart/verdict.ts';
import { reasons } from '../../../../domain/reasons.ts';
import { frozen } from '../../../support/build.ts';
import { chosenSeed, diceOf, type Dice } from '../../../support/dice.ts';
import {
  aMarker,
  anOtherMarker,
  aSnapshot,
  day,
  hour,
  minute,
  noon,
  theLimits,
  theRules,
  type PodScene,
  type RevisionScene,
  type Scene,
} from '../../../support/restart.ts';

const ages = [5, 40, 5 * minute, 31 * minute, 2 * hour, day, 3 * day, 9 * day] as const;

/** Any mixture of what a cluster may hold, likely or not. */
function anyScene(dice: Dice): Scene {
  const kind = dice.pick<WorkloadKind>(['Deployment', 'Deployment', 'StatefulSet', 'DaemonSet']);
  const revisions = Array.from({ length: dice.roll(4) }, (_, index) =>
    anyRevision(4 - index, dice),
  );
  const live = dice.chance(0.8) ? revisions[0] : anyRevision(0, dice);
  return {
    kind,
    replicas: dice.pick([2, 2, 1, 0, 4]),
    ...(live?.image === undefined ? {} : { image: live.image }),
    marker: live?.marker,
    revisions,
    pods: Array.from({ length: dice.roll(4) }, () => anyPod(dice)),
    annotations: Object.assign(
      {},
      ...dice.some(
        [
          { 'otel-retrofit.dev/remediation': dice.pick(['restart', 'observe', 'off', '?']) },
          { 'otel-retrofit.dev/restart-outdated': 'true' },
          { 'otel-retrofit.dev/resume': dice.pick(['1', '2', '9', 'x']) },
        ],
        0.2,
      ),
    ),
    metadata: dice.chance(0.05) ? { deletionTimestamp: '2026-11-21T11:59:59Z' } : {},
    spec: Object.assign(
      {},
      ...dice.some(
        [{ paused: true }, { revisionHistoryLimit: dice.roll(3) }, { minReadySeconds: 30 }],
        0.1,
      ),
    ),
    status: dice.chance(0.2)
      ? { availableReplicas: dice.roll(3), updatedReplicas: dice.roll(3) }
      : {},
    instrumentation: dice.chance(0.05) ? 'none' : {},
    rules: dice.chance(0.05) ? { protectedNamespaces: new Set(['shop']) } : {},
    memory: dice.chance(0.1) ? { sent: { number: dice.roll(4), at: noon - 3 } } : {},
  };
}

function anyRevision(number: number, dice: Dice): RevisionScene {
  const age = dice.pick(ages);
  const times = dice.some(ages, 0.3);
  const marker = dice.pick([aMarker, anOtherMarker])(1 + dice.roll(3), age, ...times);
  return {
    number,
    age,
    image: dice.pick(['cart:1', 'cart:1', 'cart:2']),
    marker: dice.chance(0.6) ? marker : undefined,
  };
}

function anyPod(dice: Dice): PodScene {
  const carries = dice.pick<NonNullable<PodScene['carries']> | 'none'>([
    'stamp',
    'stamp',
    'agedStamp',
    'otherStamp',
    'declined',
    'adopted',
    'none',
  ]);
  const age = dice.pick(ages);
  return {
    age,
    runs: dice.chance(0.8) ? age - 2 : 3,
    ...(carries === 'none' ? {} : { carries }),
    ...(dice.chance(0.2) ? { revision: 1 + dice.roll(4) } : {}),
    restarts: dice.chance(0.1) ? dice.roll(4) : 0,
    ...(dice.chance(0.1) ? { waiting: dice.pick(['CrashLoopBackOff', 'ErrImagePull']) } : {}),
    isReady: dice.chance(0.9),
    isGoing: dice.chance(0.1),
  };
}

const seed = chosenSeed();

/** Two thousand workloads, each with its judgement; nothing that goes in can be changed. */
const judgements = (() => {
  const dice = diceOf(seed);
  return Array.from({ length: 2_000 }, () => {
    const scene = anyScene(dice);
    const snapshot = frozen(aSnapshot(scene));
    return { scene, snapshot, judgement: judge(snapshot, theLimits) };
  });
})();

function holds(
  title: string,
  rule: (judgement: Judgement, snapshot: Snapshot) => boolean | undefined,
): void {
  test(`${title} (seed ${seed})`, (t) => {
    const offender = judgements.find(
      ({ judgement, snapshot }) => rule(judgement, snapshot) === false,
    );
    t.is(offender?.scene, undefined, JSON.stringify(offender?.judgement.verdict));
  });
}

const isBehind = ({ verdict }: Judgement) => verdict.kind === 'behind';

test(`every kind of verdict comes up (seed ${seed})`, (t) => {
  const kinds = new Set(judgements.map(({ judgement }) => judgement.verdict.kind));
  t.is(kinds.size, 7);
});

holds(
  'a verdict has a reason of its own outcome',
  ({ verdict }) => verdict.kind === 'current' || reasons[verdict.reason].outcome === verdict.kind,
);
holds(
  'what is behind lacks something that its new pods would get',
  (judgement) =>
    !isBehind(judgement) ||
    (lackOf(judgement.coverage) !== undefined && judgement.wanted.kind === 'given'),
);
holds('what is current lacks nothing', ({ verdict, coverage }) =>
  verdict.kind === 'current' ? lackOf(coverage) === undefined : undefined,
);
holds(
  'nothing is behind while a restart of ours is under way or has failed',
  (judgement) => !isBehind(judgement) || !['underWay', 'failed'].includes(judgement.attempt.kind),
);
holds(
  'nothing is behind that was restarted as often as is allowed, and not resumed',
  (judgement, { policy }) =>
    !isBehind(judgement) ||
    policy.resumedTo > 0 ||
    (judgement.attempt.times.filter((at) => at > noon - day).length < 2 &&
      judgement.attempt.times.filter((at) => at > noon - 7 * day).length < 4),
);
holds(
  'nothing is behind of which somebody has said "off" or "observe", or that is protected',
  (judgement, { policy }) =>
    !isBehind(judgement) || (policy.remediation === 'restart' && !policy.isProtected),
);
holds(
  'nothing is behind for merely being out of date, unless somebody has asked for that',
  (judgement, { policy }) =>
    !isBehind(judgement) ||
    lackOf(judgement.coverage) === 'missing' ||
    policy.restartsOutdated ||
    policy.isInsistent,
);
holds(
  'the next number is above every number that is told of',
  ({ attempt }, { workload, revisions }) =>
    [workload, ...revisions].every(({ marker }) => (marker?.number ?? 0) <= attempt.lastNumber),
);
holds('the times of restarts are in order and without doubles', ({ attempt: { times } }) =>
  times.every((at, index) => index === 0 || at < (times[index - 1] ?? 0)),
);
holds(
  'every living pod of a workload that asks is counted once',
  ({ coverage, wanted }, { pods }) =>
    wanted.kind === 'nothing' ||
    Object.values(coverage).reduce((sum, count) => sum + count, 0) === pods.length,
);

test(`a judgement does not depend on the order in which the caches answer (seed ${seed})`, (t) => {
  for (const { snapshot, judgement } of judgements.slice(0, 500)) {
    const again = gather(
      {
        ...snapshot,
        revisions: snapshot.revisions.toReversed(),
        pods: snapshot.pods.toReversed(),
        namespace: undefined,
        instrumentations: [],
        disruptionBudgets: [],
      },
      theRules,
      noon,
    );
    const { policy, askedSince } = snapshot;
    t.deepEqual(
      judge({ ...again, policy, askedSince, isBeingDeleted: snapshot.isBeingDeleted }, theLimits),
      judgement,
    );
  }
});

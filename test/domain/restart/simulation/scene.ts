import type { JsonObject } from '../../../../domain/json.ts';
import type { Budget } from '../../../../domain/restart/plan.ts';
import type { Verdict } from '../../../../domain/restart/verdict.ts';
import { diceOf, type Dice } from '../../../support/dice.ts';
import { usualBudget } from '../plan/build.ts';
import { createCluster, start, type Cluster, type WorkloadSpec } from './model/cluster.ts';
import { createLeader, type Leader, type LeaderOptions } from './leader.ts';
import { livePods, type ModelWorkload } from './model/records.ts';

export const minute = 60;
export const hour = 3_600;
export const day = 86_400;

/** What befalls the controllers while all else goes on. */
export type Weather = 'calm' | 'killed' | 'two leaders' | 'clocks off';

/** Two API servers whose clocks differ by ten minutes make a day ten minutes shorter. */
const clockOff = 300;

export const weathers: readonly Weather[] = ['calm', 'killed', 'two leaders', 'clocks off'];

export interface Scene {
  readonly cluster: Cluster;
  readonly dice: Dice;
  readonly leaders: readonly Leader[];
  readonly run: (seconds: number) => void;
  /** From now on, as often as that. */
  readonly every: (seconds: number, act: () => void) => void;
  readonly workload: (name: string) => ModelWorkload;
  readonly all: () => readonly ModelWorkload[];
  readonly verdict: (name: string) => Verdict | undefined;
  readonly isBreakerOpen: (instrumentation?: string) => boolean;
  readonly restarts: (name?: string) => number;
  /** How many of them there were in any window of that length; for one workload, or for the worst. */
  readonly mostIn: (seconds: number) => number;
  /** Whether every pod that lives has what a new one would get. */
  readonly isCurrent: (name: string) => boolean;
}

export interface SceneOptions {
  readonly workloads: readonly WorkloadSpec[];
  readonly weather?: Weather;
  readonly seed?: number;
  readonly budget?: Partial<Budget>;
  readonly leader?: Partial<LeaderOptions>;
  /** The Instrumentation is there first, so that pods are born with the agent. */
  readonly isInstrumentedFirst?: boolean;
}

export const settingsA: JsonObject = { exporter: { endpoint: 'http://otel-a:4318' } };
export const settingsB: JsonObject = { exporter: { endpoint: 'http://otel-b:4318' } };

/** A cluster ten minutes after its workloads came; the controllers begin with the scene. */
export function aScene(options: SceneOptions): Scene {
  const { workloads, weather = 'calm', seed = 1, isInstrumentedFirst = false } = options;
  const cluster = createCluster();
  const dice = diceOf(seed);
  if (isInstrumentedFirst) cluster.applyInstrumentation(settingsA);
  for (const spec of workloads) cluster.addWorkload(spec);
  cluster.agenda.runUntil(start + 600);
  const leaders = beginLeaders(cluster, dice, { ...options, weather });
  if (!isInstrumentedFirst) cluster.applyInstrumentation(settingsA);

  const find = (name: string) => {
    const found = [...cluster.workloads.values()].find((one) => one.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const scene: Scene = {
    cluster,
    dice,
    leaders,
    run: (seconds) => cluster.agenda.runUntil(cluster.now() + seconds),
    every(seconds, act) {
      cluster.agenda.after(seconds, () => {
        act();
        scene.every(seconds, act);
      });
    },
    workload: find,
    all: () => [...cluster.workloads.values()],
    verdict: (name) =>
      leaders
        .find((one) => one.isAlive())
        ?.last()
        ?.plan.verdicts.get(find(name).key),
    isBreakerOpen: (name = 'shop/main') =>
      cluster.instrumentations.get(name)?.record.status['breaker'] !== undefined,
    restarts: (name) =>
      cluster.sent.filter(({ workload }) => name === undefined || workload.name === name).length,
    mostIn: (seconds) => mostIn(cluster, seconds - (weather === 'clocks off' ? 2 * clockOff : 0)),
    isCurrent: (name) => isCurrent(find(name), cluster),
  };
  return scene;
}

/** The same workload many times over, each in a namespace of its own. */
export const many = (count: number, spec: WorkloadSpec = {}): readonly WorkloadSpec[] =>
  Array.from({ length: count }, (_, index) => ({
    ...spec,
    name: `web${index}`,
    namespace: `ns${index}`,
  }));

function beginLeaders(
  cluster: Cluster,
  dice: Dice,
  { weather, budget, leader = {} }: SceneOptions,
): readonly Leader[] {
  const options: LeaderOptions = {
    budget: { ...usualBudget, ...budget },
    heartbeatSeconds: 900,
    ...leader,
  };
  const made =
    weather === 'two leaders'
      ? [
          createLeader(cluster, { ...options, name: 'one', lag: { pods: 4, revisions: 1 } }),
          createLeader(cluster, {
            ...options,
            name: 'two',
            writeSeconds: 2,
            lag: { workloads: 7, revisions: 12, pods: 20, instrumentations: 15 },
          }),
        ]
      : weather === 'clocks off'
        ? [clockOff, -clockOff].map((off) => createLeader(cluster, { ...options, clockOff: off }))
        : [createLeader(cluster, options)];
  if (weather === 'clocks off') alternate(cluster, dice, made);
  else made.forEach((one) => one.begin());
  if (weather === 'killed') made.forEach((one) => killAtRandom(cluster, dice, one));
  return made;
}

function killAtRandom(cluster: Cluster, dice: Dice, leader: Leader): void {
  cluster.agenda.after(2 * minute + dice.roll(hour), () => {
    leader.end();
    cluster.agenda.after(1 + dice.roll(30), () => {
      leader.begin();
      killAtRandom(cluster, dice, leader);
    });
  });
}

function alternate(cluster: Cluster, dice: Dice, leaders: readonly Leader[], turn = 0): void {
  leaders[turn % leaders.length]?.begin();
  cluster.agenda.after(20 * minute + dice.roll(4 * hour), () => {
    leaders[turn % leaders.length]?.end();
    alternate(cluster, dice, leaders, turn + 1);
  });
}

function mostIn({ sent }: Cluster, seconds: number): number {
  let most = 0;
  for (const times of Map.groupBy(sent, ({ workload }) => workload.key).values())
    for (const { at } of times)
      most = Math.max(most, times.filter((one) => one.at >= at && one.at < at + seconds).length);
  return most;
}

function isCurrent(workload: ModelWorkload, cluster: Cluster): boolean {
  const asked = cluster.askedOf(workload);
  return (
    asked !== undefined && livePods(workload).every(({ injected }) => injected?.asked === asked)
  );
}

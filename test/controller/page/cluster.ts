import { machineTime, type Time } from '../../../controller/kube/pace.ts';
import type { AudienceLimits } from '../../../controller/page/audience.ts';
import { openPage } from '../../../controller/page/page.ts';
import type { Sight, Sources } from '../../../controller/page/sight.ts';
import type { Attempt } from '../../../domain/restart/attempt.ts';
import type { Coverage } from '../../../domain/restart/coverage.ts';
import type { Breaker, Plan } from '../../../domain/restart/plan.ts';
import type { WorkloadKind } from '../../../domain/restart/records/metadata.ts';
import type { ObservedPod } from '../../../domain/restart/records/pod.ts';
import type { Wanted } from '../../../domain/restart/snapshot.ts';
import type { Judgement, Verdict } from '../../../domain/restart/verdict.ts';
import { judged, minute, noon } from '../../support/restart.ts';

/** One workload of the cluster, by what differs from a Deployment whose two pods are current. */
export interface WorkloadScene {
  readonly name: string;
  readonly namespace?: string;
  readonly kind?: WorkloadKind;
  readonly verdict?: Verdict;
  readonly coverage?: Partial<Coverage>;
  readonly since?: number;
  /** Our latest restart of it, so many seconds ago. */
  readonly restart?: { readonly kind: Exclude<Attempt['kind'], 'none'>; readonly age: number };
  readonly updated?: number;
  readonly wanted?: Wanted;
}

const example = judged();
const { wanted: given } = example;
if (given.kind !== 'given') throw new Error('the builder made a workload that asks for nothing');

/** What a pod is given in this cluster. */
export const theGift = given;
export const theStamp = given.stamp;

const none: Coverage = {
  current: 0,
  aged: 0,
  outdated: 0,
  adopted: 0,
  missing: 0,
  refused: 0,
  unwanted: 0,
};

export function aJudgement(scene: WorkloadScene): Judgement {
  const { name, namespace = 'shop', kind = 'Deployment', verdict = { kind: 'current' } } = scene;
  const coverage = { ...none, ...(scene.coverage ?? { current: 2 }) };
  const desired = Object.values(coverage).reduce((sum, count) => sum + count, 0);
  const { workload } = example;
  const counters = { ...workload.counters, desired, updated: scene.updated ?? desired };
  const template = { ...workload.template, metadata: { labels: { app: name } } };
  return {
    ...example,
    key: `${kind}/${namespace}/${name}`,
    workload: {
      ...workload,
      kind,
      namespace,
      name,
      uid: `${kind}/${namespace}/${name}`,
      counters,
      template,
    },
    verdict,
    since: scene.since,
    coverage,
    wanted: scene.wanted ?? given,
    attempt: attemptOf(scene),
  };
}

function attemptOf({ restart }: WorkloadScene): Attempt {
  if (restart === undefined) return { kind: 'none', times: [], lastNumber: 0 };
  const at = noon - restart.age;
  const told = { number: 1, at, times: [at], lastNumber: 1, isProven: false };
  return { kind: restart.kind, asked: theStamp.asked, ...told };
}

/** A pod, by what differs from one that is ready, runs for an hour and carries nothing. */
export const aPod = (pod: Partial<ObservedPod> & { readonly name: string }): ObservedPod => ({
  namespace: 'shop',
  uid: pod.name,
  createdAt: noon - 60 * minute,
  deletedAt: undefined,
  owner: undefined,
  revision: undefined,
  injected: undefined,
  declined: undefined,
  carriesAgent: false,
  phase: 'Running',
  isReady: true,
  readinessAt: noon - 59 * minute,
  startedAt: noon - 59 * minute,
  containers: [],
  ...pod,
});

/** What the loop would know. */
export class Cluster {
  readonly judgements = new Map<string, Judgement>();
  readonly pods = new Map<string, readonly ObservedPod[]>();
  readonly breakers = new Map<string, Breaker>();
  readonly verdicts = new Map<string, Verdict>();
  isWebhookProven = true;
  now = noon;
  instead: Sight | undefined;

  put(...scenes: readonly WorkloadScene[]): this {
    for (const scene of scenes) {
      const judgement = aJudgement(scene);
      this.judgements.set(judgement.key, judgement);
    }
    return this;
  }

  remove(key: string): void {
    this.judgements.delete(key);
  }

  readonly sources: Sources = {
    sight: () => this.#sight(),
    podsOf: ({ uid }) => this.pods.get(uid) ?? [],
    now: () => this.now,
  };

  #sight(): Sight {
    if (this.instead !== undefined) return this.instead;
    const { judgements, breakers, verdicts, isWebhookProven } = this;
    const plan: Plan = {
      restarts: [],
      verdicts: new Map(verdicts),
      breakers: new Map(breakers),
      follows: new Set(),
      wakeAt: undefined,
    };
    return { kind: 'leading', judgements, plan, isWebhookProven };
  }
}

export interface Served {
  readonly port: number;
  readonly close: () => Promise<void>;
  readonly failures: readonly (readonly [path: string, error: unknown])[];
}

interface ServeOptions {
  readonly limits?: Partial<AudienceLimits>;
  readonly port?: number;
  readonly time?: Time;
}

/** The page of a cluster, on a port of its own. */
export async function serve(
  cluster: Cluster,
  { limits, port = 0, time = machineTime }: ServeOptions = {},
): Promise<Served> {
  const failures: (readonly [string, unknown])[] = [];
  const page = await openPage({
    address: '127.0.0.1',
    port,
    sources: cluster.sources,
    time,
    onFailure: (path, error) => failures.push([path, error]),
    limits,
  });
  return { port: page.port, close: () => page.close(), failures };
}

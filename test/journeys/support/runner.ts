import { setTimeout as pause } from 'node:timers/promises';
import type { Ground } from './ground.ts';
import { call, list } from './ground.ts';
import type { Pod } from './workloads.ts';

export interface Made extends Pod {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly readinessProbe?: object;
    }[];
  };
}

export interface Runner {
  /** Pods for which this says so never become ready; of each it is asked again and again. */
  readonly stop: () => Promise<void>;
}

export type Fate = 'works' | 'never' | 'crashes';

/** Says of every pod that it runs, as a kubelet says it, and runs none. */
export function runPods(
  ground: Ground,
  fateOf: (pod: Made) => Fate = () => 'works',
  clock: () => number = Date.now,
): Runner {
  const ending = new AbortController();
  const running = watch({ ground, fateOf, clock }, ending.signal);
  return {
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

interface Running {
  readonly ground: Ground;
  readonly fateOf: (pod: Made) => Fate;
  readonly clock: () => number;
}

async function watch({ ground, fateOf, clock }: Running, signal: AbortSignal) {
  const under = new Set<Promise<unknown>>();
  const consider = (pod: Made) => {
    if (pod.metadata.deletionTimestamp !== undefined || pod.status.phase === 'Running') return;
    const telling = live({ ground, fateOf, clock }, pod)
      .catch(() => undefined)
      .finally(() => under.delete(telling));
    under.add(telling);
  };
  while (!signal.aborted) {
    try {
      (await list<Made>(ground, '/api/v1/pods')).forEach(consider);
      for await (const { type, object } of ground.adminClient.watch<Made>('/api/v1/pods', signal))
        if (type === 'ADDED' || type === 'MODIFIED') consider(object);
    } catch {
      if (!signal.aborted) await new Promise((done) => setTimeout(done, 50));
    }
  }
  await Promise.all(under);
}

/**
 * Who is not asked whether it works counts as working from its start, for as long as it takes to
 * crash.
 */
async function live({ ground, fateOf, clock }: Running, pod: Made): Promise<void> {
  const fate = fateOf(pod);
  const isBlind = pod.spec.containers.every(({ readinessProbe }) => readinessProbe === undefined);
  if (fate === 'crashes' && isBlind) {
    await tell(ground, pod, { fate: 'works', at: clock() });
    await pause(instantMs);
  }
  await tell(ground, pod, { fate, at: clock() });
}

const instantMs = 700;

interface Said {
  readonly fate: Fate;
  readonly at: number;
}

async function tell(ground: Ground, { metadata, spec }: Made, { fate, at }: Said): Promise<void> {
  const now = `${new Date(at).toISOString().slice(0, 19)}Z`;
  const isReady = fate === 'works';
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
  const state = fate === 'crashes' ? waiting : { running: { startedAt: now } };
  await call(
    ground,
    'PATCH',
    `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`,
    {
      status: {
        phase: 'Running',
        conditions: [
          { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: now },
        ],
        containerStatuses: spec.containers.map(({ name, image }) => ({
          name,
          image,
          imageID: '',
          ready: isReady,
          restartCount: fate === 'crashes' ? 3 : 0,
          state,
        })),
      },
    },
  );
}

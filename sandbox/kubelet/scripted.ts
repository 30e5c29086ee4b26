import type { Crew, Place } from './crew.ts';
import { finishDeletion, openReport } from './pod/report.ts';
import { timeOf, type Facts, type Pod, type PodView } from './pod/shapes.ts';
import { statusOf } from './pod/status.ts';

/** What a test says of a pod. */
export type Part = 'ready' | 'unready' | 'crashing' | 'unschedulable';
export type Script = (pod: Pod) => Part;

/** Thousands of pods must not mean thousands of calls at once. */
const lanes = 32;

/** Pods of which only the status is there: nothing runs. */
export function actOut({ api, nextFacts, signal }: Place, script: Script): Crew {
  const cast = new Map<string, { pod: Pod; readonly play: () => Promise<void> }>();
  const busy = Array.from({ length: lanes }, () => Promise.resolve());
  const appear = (pod: Pod) => {
    const facts = nextFacts();
    const since = timeOf(new Date());
    const lane = cast.size % lanes;
    let part: Part = 'unready';
    let restarts = 0;
    const report = openReport(api, {
      pod: () => actor.pod,
      isGone: () => signal.aborted || cast.get(pod.metadata.uid) !== actor,
      status: (known) =>
        statusOf(viewOf(actor.pod, { part, restarts, facts, since }), known, new Date()),
    });
    const turn = () => {
      part = script(actor.pod);
      if (part === 'crashing') restarts += 1;
      return report();
    };
    const play = () => (busy[lane] = (busy[lane] ?? Promise.resolve()).then(turn));
    const actor = { pod, play };
    return actor;
  };
  return {
    seen(pod) {
      const { uid, deletionTimestamp } = pod.metadata;
      const actor = cast.get(uid);
      if (actor) actor.pod = pod;
      if (deletionTimestamp !== undefined) void finishDeletion(api, pod, signal);
      if (actor || deletionTimestamp !== undefined) return;
      const appeared = appear(pod);
      cast.set(uid, appeared);
      void appeared.play();
    },
    gone: (uid) => void cast.delete(uid),
    askAgain: () => Promise.all([...cast.values()].map(({ play }) => play())),
    stop: () => Promise.resolve(),
  };
}

const crashLoop = { reason: 'CrashLoopBackOff' };

interface Told {
  readonly part: Part;
  readonly restarts: number;
  readonly facts: Facts;
  readonly since: string;
}

/** Init containers have run long ago, as far as anybody can tell. */
function viewOf(pod: Pod, { part, restarts, facts, since }: Told): PodView {
  const isCrashing = part === 'crashing';
  const ended = { exitCode: 1, reason: 'Error', startedAt: since, finishedAt: since };
  const containers = pod.spec.containers.map(({ name, image = '' }) => ({
    role: 'main' as const,
    status: {
      name,
      image,
      imageID: '',
      containerID: `scripted://${name}`,
      ready: part === 'ready',
      started: !isCrashing,
      restartCount: restarts,
      state: isCrashing ? { waiting: crashLoop } : { running: { startedAt: since } },
      lastState: restarts > 0 ? { terminated: ended } : {},
    },
  }));
  return { pod, facts, containers, isInitialized: true, isOver: false };
}

import type { Mark } from '../../../../../domain/injection/stamp.ts';
import type { Agenda } from './agenda.ts';
import type { ModelPod, ModelRevision, ModelWorkload } from './records.ts';

/** What the webhook leaves on a pod. */
export interface Marks {
  readonly injected?: Mark | undefined;
  readonly declined?: Mark | undefined;
  /** An agent without a stamp is the operator's. */
  readonly carriesAgent?: boolean;
}

export interface PodWorld {
  readonly agenda: Agenda;
  readonly admit: (workload: ModelWorkload) => Marks;
  readonly uid: (stem: string) => string;
  readonly onPod: (workload: ModelWorkload, pod: ModelPod) => void;
}

/** Kubelets: pods start, become ready, crash and go. */
export function createPods({ agenda, admit, uid, onPod }: PodWorld) {
  function start(workload: ModelWorkload, pod: ModelPod): void {
    if (pod.deletedAt !== undefined) return;
    const { readySeconds, agentCrashesAfter, agentNeverReady } = workload.behaviour;
    pod.startedAt = agenda.now();
    pod.waiting = undefined;
    const turn = pod.restarts;
    const isStill = () => pod.deletedAt === undefined && pod.restarts === turn;
    const isHit = pod.carriesAgent;
    if (!(isHit && agentNeverReady === true)) {
      if (readySeconds === 0) setReady(pod, true);
      else
        agenda.after(readySeconds, () => {
          if (!isStill()) return;
          setReady(pod, true);
          onPod(workload, pod);
        });
    }
    if (isHit && agentCrashesAfter !== undefined)
      agenda.after(agentCrashesAfter, () => {
        if (isStill()) crash(workload, pod);
      });
    onPod(workload, pod);
  }

  function crash(workload: ModelWorkload, pod: ModelPod): void {
    pod.restarts += 1;
    pod.startedAt = undefined;
    pod.waiting = 'CrashLoopBackOff';
    pod.terminated = 'Error';
    setReady(pod, false);
    onPod(workload, pod);
    agenda.after(Math.min(300, 10 * 2 ** (pod.restarts - 1)), () => {
      start(workload, pod);
    });
  }

  function setReady(pod: ModelPod, isReady: boolean): void {
    if (pod.isReady === isReady) return;
    pod.isReady = isReady;
    pod.readinessAt = agenda.now();
  }

  return {
    create(workload: ModelWorkload, revision: ModelRevision, seat: number): void {
      const id = uid(`pod-${workload.name}`);
      const marks = admit(workload);
      const pod: ModelPod = {
        uid: id,
        name: id,
        revision,
        createdAt: agenda.now(),
        seat,
        injected: marks.injected,
        declined: marks.declined,
        carriesAgent: marks.injected !== undefined || marks.carriesAgent === true,
        deletedAt: undefined,
        isGone: false,
        isReady: false,
        readinessAt: undefined,
        startedAt: undefined,
        restarts: 0,
        waiting: undefined,
        terminated: undefined,
      };
      workload.pods.push(pod);
      onPod(workload, pod);
      if (workload.deadSeats.has(seat)) return;
      agenda.after(workload.behaviour.startSeconds, () => {
        start(workload, pod);
      });
    },

    remove(workload: ModelWorkload, pod: ModelPod): void {
      if (pod.deletedAt !== undefined) return;
      pod.deletedAt = agenda.now() + 30;
      onPod(workload, pod);
      // Nobody is there to end it.
      if (workload.deadSeats.has(pod.seat)) return;
      agenda.after(2, () => {
        pod.isGone = true;
        workload.pods = workload.pods.filter((one) => one !== pod);
        onPod(workload, pod);
      });
    },
  };
}

export type Pods = ReturnType<typeof createPods>;

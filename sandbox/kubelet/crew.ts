import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '../api.ts';
import { PodRun, type Image } from './pod/pod.ts';
import { openKeeper } from './pod/programs.ts';
import { finishDeletion } from './pod/report.ts';
import { bestRooms, privateRoom, rewrittenRoom } from './pod/rooms.ts';
import type { Facts, Pod } from './pod/shapes.ts';

/** Those who make the pods of a node be what they are. */
export interface Crew {
  readonly seen: (pod: Pod) => void;
  readonly gone: (uid: string) => void;
  /** Where a script says what pods are, it is asked again. */
  askAgain(): Promise<unknown>;
  stop(): Promise<void>;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Where pods are, and until when. */
export interface Place {
  readonly api: Api;
  readonly node: string;
  readonly nextFacts: () => Facts;
  readonly signal: AbortSignal;
}

/** How pods become processes. */
export interface Workshop {
  /** By name, with or without tag. A name that is not here cannot be pulled. */
  readonly images: Readonly<Record<string, Image>>;
  /** Where pods keep their files while they are there. Default: the machine's temporary directory. */
  readonly directory: string;
  /** Whether containers have mounts of their own, or their paths are rewritten. Default: what root allows. */
  readonly rooms: 'private' | 'rewritten' | 'best';
  /** Before the second restart of a container; it doubles with each. Default: 10 s, as a real kubelet. */
  readonly backOffMs: number;
}

const stopMs = 2_000;
const roomsBy = { private: () => privateRoom, rewritten: () => rewrittenRoom, best: bestRooms };

/** Pods as processes of this machine; what they leave goes when they stop, or when we die. */
export async function runProcesses(place: Place, workshop: Partial<Workshop>) {
  const { api, nextFacts, signal } = place;
  const { images = {}, rooms = 'best', backOffMs = 10_000 } = workshop;
  const home = join(workshop.directory ?? tmpdir(), `kubelet-${place.node}-`);
  const directory = await mkdtemp(home);
  const keeper = openKeeper(directory);
  const furnish = roomsBy[rooms](directory);
  const node = { api, images, backOffMs, directory, keeper, furnish };
  const runs = new Map<string, PodRun>();
  const crew: Crew = {
    seen(pod) {
      const { uid, deletionTimestamp } = pod.metadata;
      const run = runs.get(uid);
      if (run !== undefined) run.update(pod);
      else if (deletionTimestamp !== undefined) void finishDeletion(api, pod, signal);
      else if (!hasEnded(pod)) {
        const begun = new PodRun(pod, nextFacts(), node);
        runs.set(uid, begun);
        void begun.live();
      }
    },
    gone(uid) {
      void runs.get(uid)?.vanish();
      runs.delete(uid);
    },
    askAgain: () => Promise.resolve(),
    async stop() {
      await Promise.all([...runs.values()].map((run) => run.vanish(stopMs)));
      await keeper.end();
      await rm(directory, { recursive: true, force: true });
    },
  };
  const find = ({ namespace, name }: PodName) =>
    [...runs.values()].findLast(
      ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name,
    );
  return { ...crew, find };
}

const hasEnded = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed';

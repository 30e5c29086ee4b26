import type { ObservedPod } from '../../../../domain/restart/records/pod.ts';
import type { Revision } from '../../../../domain/restart/records/revision.ts';
import type { Workload } from '../../../../domain/restart/records/workload.ts';
import { keyOfAll, type Cluster, type Versioned, type Watcher } from './model/cluster.ts';
import type { Lag } from './leader.ts';
import {
  podRecord,
  revisionRecord,
  workloadRecord,
  type ModelPod,
  type ModelRevision,
  type ModelWorkload,
} from './model/records.ts';

interface Entry {
  workload: Workload | undefined;
  readonly revisions: Listed<Revision>;
  readonly pods: Listed<ObservedPod>;
}

/** Far oftener read than changed. */
class Listed<T> {
  readonly #all = new Map<string, T>();
  #list: readonly T[] | undefined;

  get list(): readonly T[] {
    return (this.#list ??= [...this.#all.values()]);
  }

  set(key: string, one: T | undefined): void {
    if (one === undefined) this.#all.delete(key);
    else this.#all.set(key, one);
    this.#list = undefined;
  }
}

/** The cluster as one leader sees it: each kind as late as its watch is. */
export interface View {
  readonly find: (key: string) =>
    | {
        readonly workload: { readonly key: string; readonly record: Workload };
        readonly revisions: readonly Revision[];
        readonly pods: readonly ObservedPod[];
      }
    | undefined;
  readonly instrumentations: ReadonlyMap<string, Versioned>;
  readonly worldKey: () => string;
  readonly close: () => void;
}

/** Tells the key of what has to be looked at again; none: everything. */
export function createView(
  cluster: Cluster,
  lag: Lag,
  onMark: (key: string | undefined) => void,
): View {
  const { agenda } = cluster;
  const entries = new Map<string, Entry>();
  const instrumentations = new Map<string, Versioned>();
  let worldKey = '';
  let isOpen = true;

  function entryOf(uid: string): Entry {
    const found = entries.get(uid) ?? {
      workload: undefined,
      revisions: new Listed(),
      pods: new Listed(),
    };
    entries.set(uid, found);
    return found;
  }
  const uids = new Map<string, string>();

  function later(seconds: number, act: () => void): void {
    if (seconds === 0) act();
    else
      agenda.after(seconds, () => {
        if (isOpen) act();
      });
  }

  const watcher: Watcher = {
    onWorkload(model) {
      const record = model.isGone ? undefined : workloadRecord(model);
      later(lag.workloads, () => {
        if (record) uids.set(model.key, model.uid);
        else if (uids.get(model.key) === model.uid) uids.delete(model.key);
        entryOf(model.uid).workload = record;
        if (!record) entries.delete(model.uid);
        onMark(model.key);
      });
    },
    onRevision(model: ModelWorkload, revision: ModelRevision, isGone: boolean) {
      const record = revisionRecord(revision, model);
      later(lag.revisions, () => {
        entryOf(model.uid).revisions.set(record.uid, isGone ? undefined : record);
        onMark(model.key);
      });
    },
    onPod(model: ModelWorkload, pod: ModelPod) {
      const record = pod.isGone ? undefined : podRecord(pod, model);
      later(lag.pods, () => {
        entryOf(model.uid).pods.set(pod.uid, record);
        onMark(model.key);
      });
    },
    onInstrumentation(name, one) {
      later(lag.instrumentations, () => {
        const before = instrumentations.get(name);
        if (one) instrumentations.set(name, one);
        else instrumentations.delete(name);
        const isSame = one?.record.settings === before?.record.settings;
        const key = isSame ? worldKey : keyOfAll(instrumentations);
        const isNews = key !== worldKey || one?.record.annotations !== before?.record.annotations;
        worldKey = key;
        if (isNews) onMark(undefined);
      });
    },
    onWebhook() {
      agenda.after(61, () => {
        if (isOpen) onMark(undefined);
      });
    },
  };
  cluster.watchers.add(watcher);
  for (const model of cluster.workloads.values()) {
    watcher.onWorkload(model);
    for (const revision of model.revisions) watcher.onRevision(model, revision, false);
    for (const pod of model.pods) watcher.onPod(model, pod);
  }
  for (const [name, one] of cluster.instrumentations) watcher.onInstrumentation(name, one);

  return {
    find(key) {
      const entry = entries.get(uids.get(key) ?? '');
      if (!entry?.workload) return undefined;
      return {
        workload: { key, record: entry.workload },
        revisions: entry.revisions.list,
        pods: entry.pods.list,
      };
    },
    instrumentations,
    worldKey: () => worldKey,
    close() {
      isOpen = false;
      cluster.watchers.delete(watcher);
    },
  };
}

import { images } from '../../../../../config/images.ts';
import { annotations as keys, marks } from '../../../../../crds/names.ts';
import { admit } from '../../../../../domain/injection/admit.ts';
import type { World } from '../../../../../domain/injection/match.ts';
import { indexInstrumentations } from '../../../../../domain/injection/selector.ts';
import { isObject, objectAt, type Json, type JsonObject } from '../../../../../domain/json.ts';
import { settingsDigest } from '../../../../../domain/restart/plan/settings.ts';
import {
  readObservedInstrumentation,
  type ObservedInstrumentation,
} from '../../../../../domain/restart/records/instrumentation.ts';
import type { WorkloadKind } from '../../../../../domain/restart/records/metadata.ts';
import type { Namespace } from '../../../../../domain/restart/records/namespace.ts';
import type { Strategy } from '../../../../../domain/restart/records/strategy.ts';
import { markTemplate } from '../../../../../domain/restart/records/template.ts';
import { createAgenda } from './agenda.ts';
import type { Behaviour, ModelPod, ModelRevision, ModelWorkload } from './records.ts';
import { livePods, newestOf } from './records.ts';
import { createPods, type Marks } from './pods.ts';
import { createRollouts } from './rollouts.ts';

/** What the webhook does with pods, and whether its probe is answered as it should. */
export interface Webhook {
  readonly admits: 'injects' | 'skips' | 'declines' | 'declinesAsBefore';
  readonly isProbeGood: boolean;
}

export interface Watcher {
  readonly onWorkload: (workload: ModelWorkload) => void;
  readonly onRevision: (workload: ModelWorkload, revision: ModelRevision, isGone: boolean) => void;
  readonly onPod: (workload: ModelWorkload, pod: ModelPod) => void;
  readonly onInstrumentation: (name: string, one: Versioned | undefined) => void;
  readonly onWebhook: () => void;
  /** And since when no pod of it has come or gone. */
  readonly onRestart?: (sent: Sent, quietSince: number) => void;
}

export interface Versioned {
  readonly record: ObservedInstrumentation;
  readonly version: number;
}

/** One restart that was let through. */
export interface Sent {
  readonly at: number;
  readonly workload: ModelWorkload;
  readonly wasCurrent: boolean;
  readonly by: string;
  readonly marker: string;
}

export interface WorkloadSpec {
  readonly kind?: WorkloadKind;
  readonly namespace?: string;
  readonly name?: string;
  readonly replicas?: number;
  readonly strategy?: Partial<Strategy>;
  readonly behaviour?: Partial<Behaviour>;
  readonly annotations?: JsonObject;
  /** On the template, beside the one that asks. */
  readonly podAnnotations?: JsonObject;
  readonly deadSeats?: readonly number[];
  readonly containers?: readonly string[];
  readonly withoutProbe?: boolean;
  /** Its first pods come with the operator's injection. */
  readonly isAdopted?: boolean;
}

export const start = 1_795_000_000;

export type Cluster = ReturnType<typeof createCluster>;

/** A cluster of the size of a test, with everything in it that decides about restarts. */
export function createCluster() {
  const agenda = createAgenda(start);
  const workloads = new Map<string, ModelWorkload>();
  const instrumentations = new Map<string, Versioned>();
  const watchers = new Set<Watcher>();
  const sent: Sent[] = [];
  const webhookHistory: { at: number; isProbeGood: boolean }[] = [
    { at: start - 1_000, isProbeGood: true },
  ];
  let webhook: Webhook = { admits: 'injects', isProbeGood: true };
  let instrumentationsKey = '';
  let awayUntil = 0;
  let count = 0;
  const uid = (stem: string) => `${stem}-${(count += 1)}`;
  const tell = (say: (watcher: Watcher) => void) => {
    for (const watcher of watchers) say(watcher);
  };

  const pods = createPods({
    agenda,
    uid,
    admit: (workload) => admitted(workload),
    onPod: (workload, pod) => {
      tell((one) => one.onPod(workload, pod));
      rollouts.wake(workload);
    },
  });
  const rollouts = createRollouts({
    agenda,
    pods,
    uid,
    onWorkload: (workload) => tell((one) => one.onWorkload(workload)),
    onRevision: (workload, revision, isGone) =>
      tell((one) => one.onRevision(workload, revision, isGone)),
    awayUntil: () => awayUntil,
  });

  const worldOf = (namespace: string): World => worldFrom(namespace, instrumentations.values());

  function admitted(workload: ModelWorkload): Marks {
    if (workload.isAdopted && agenda.now() < start + 300) return { carriesAgent: true };
    if (webhook.admits === 'skips') return {};
    const admission = admissionOf(workload);
    if (admission.kind === 'untouched') return {};
    if (webhook.admits === 'declinesAsBefore')
      return {
        declined: { ...admission.stamp, defaults: '0'.repeat(16), reason: 'LanguageDisabled' },
      };
    if (webhook.admits === 'declines' || admission.kind === 'declined')
      return { declined: { ...admission.stamp, reason: 'TooLarge' } };
    return { injected: admission.stamp };
  }

  const admissionOf = (workload: ModelWorkload) =>
    remember(`${instrumentationsKey}|${workload.namespace}|${workload.mark.digest}`, () =>
      admit(workload.template, worldOf(workload.namespace)),
    );

  const askedOf = (workload: ModelWorkload): string | undefined => {
    const admission = admissionOf(workload);
    return admission.kind === 'injected' ? admission.stamp.asked : undefined;
  };

  function setTemplate(workload: ModelWorkload, template: JsonObject): void {
    workload.template = template;
    workload.mark = markTemplate(template);
    workload.generation += 1;
    touch(workload);
    rollouts.wake(workload);
  }

  function touch(workload: ModelWorkload): void {
    workload.version += 1;
    tell((one) => one.onWorkload(workload));
  }

  function putInstrumentation(name: string, record: ObservedInstrumentation | undefined): void {
    const before = instrumentations.get(name)?.record;
    if (record) instrumentations.set(name, { record, version: (count += 1) });
    else instrumentations.delete(name);
    if (record?.settings !== before?.settings) instrumentationsKey = keyOfAll(instrumentations);
    tell((one) => one.onInstrumentation(name, instrumentations.get(name)));
  }

  return {
    agenda,
    workloads,
    instrumentations,
    watchers,
    sent,
    uid,
    now: agenda.now,
    askedOf,
    /** Another one when what shapes pods is another. */
    settingsKey: () => instrumentationsKey,
    /** Whether a probe sent then was answered well. */
    isProbeGoodAt: (at: number) =>
      webhookHistory.findLast((one) => one.at <= at)?.isProbeGood ?? true,

    setWebhook(next: Partial<Webhook>): void {
      webhook = { ...webhook, ...next };
      webhookHistory.push({ at: agenda.now(), isProbeGood: webhook.isProbeGood });
      tell((one) => one.onWebhook());
    },

    stopControllers(seconds: number): void {
      awayUntil = agenda.now() + seconds;
    },

    addWorkload(spec: WorkloadSpec = {}): ModelWorkload {
      const workload = newWorkload(spec, uid(spec.name ?? 'web'), agenda.now());
      workloads.set(workload.key, workload);
      tell((one) => one.onWorkload(workload));
      rollouts.wake(workload);
      return workload;
    },

    removeWorkload(workload: ModelWorkload): void {
      workload.isGone = true;
      workloads.delete(workload.key);
      tell((one) => one.onWorkload(workload));
      for (const revision of workload.revisions)
        tell((one) => one.onRevision(workload, revision, true));
      for (const pod of workload.pods) {
        pod.isGone = true;
        tell((one) => one.onPod(workload, pod));
      }
    },

    /** The owner's tool writes a template of its own; what it keeps of ours is said. */
    deploy(workload: ModelWorkload, change: JsonObject, { keepsMarker = true } = {}): void {
      const { template } = workload;
      const metadata = objectAt(template, 'metadata') ?? {};
      const { [marks.restart]: marker, ...annotations } = objectAt(metadata, 'annotations') ?? {};
      const kept = keepsMarker && marker !== undefined ? { [marks.restart]: marker } : {};
      const next = { ...annotations, ...change, ...kept };
      setTemplate(workload, { ...template, metadata: { ...metadata, annotations: next } });
    },

    /** `kubectl rollout undo`: the template of the revision before the newest, marker and all. */
    undo(workload: ModelWorkload): void {
      const newest = newestOf(workload);
      const before = newestOf({
        ...workload,
        revisions: workload.revisions.filter((one) => one !== newest),
      });
      if (before) setTemplate(workload, before.template);
    },

    annotate(workload: ModelWorkload, annotations: JsonObject): void {
      workload.annotations = { ...workload.annotations, ...annotations };
      touch(workload);
    },

    touch,

    scale(workload: ModelWorkload, replicas: number): void {
      workload.replicas = replicas;
      workload.generation += 1;
      touch(workload);
      rollouts.wake(workload);
    },

    drainPod(workload: ModelWorkload, index = 0): void {
      const pod = workload.pods.filter(({ deletedAt }) => deletedAt === undefined)[index];
      if (pod) pods.remove(workload, pod);
    },

    applyInstrumentation(
      spec: JsonObject,
      { name = 'main', namespace = 'shop', annotations = {} }: InstrumentationMetadata = {},
    ): void {
      const key = `${namespace}/${name}`;
      const before = instrumentations.get(key)?.record;
      putInstrumentation(key, {
        ...instrumentationOf(spec, namespace, name),
        uid: before?.uid ?? uid(name),
        createdAt: before?.createdAt ?? agenda.now(),
        generation: (before?.generation ?? 0) + 1,
        annotations: { ...before?.annotations, ...annotations },
        status: before?.status ?? {},
      });
    },

    annotateInstrumentation(name: string, annotations: JsonObject): void {
      const record = instrumentations.get(name)?.record;
      if (record) putInstrumentation(name, { ...record, annotations });
    },

    removeInstrumentation: (name: string) => putInstrumentation(name, undefined),

    /** The write of a leader: its answer is the new version, or undefined for a conflict. */
    patchStatus(name: string, patch: JsonObject): Versioned | undefined {
      const there = instrumentations.get(name);
      if (!there) return undefined;
      const status = objectAt(mergeInto({ status: there.record.status }, patch), 'status') ?? {};
      putInstrumentation(name, { ...there.record, status });
      return instrumentations.get(name);
    },

    /** The write of a leader: one annotation, on the version it has looked at and no other. */
    patchMarker(key: string, version: string, { marker, by }: { marker: string; by: string }) {
      const workload = workloads.get(key);
      if (!workload || String(workload.version) !== version) return undefined;
      const { template } = workload;
      const metadata = objectAt(template, 'metadata') ?? {};
      const annotations = { ...objectAt(metadata, 'annotations'), [marks.restart]: marker };
      const asked = askedOf(workload);
      const wasCurrent =
        asked === undefined ||
        livePods(workload).every(({ injected }) => injected?.asked === asked);
      const quietSince = Math.max(
        0,
        ...workload.pods.map(({ createdAt, deletedAt }) => (deletedAt ?? createdAt + 30) - 30),
      );
      setTemplate(workload, { ...template, metadata: { ...metadata, annotations } });
      const one = { at: agenda.now(), workload, wasCurrent, by, marker };
      sent.push(one);
      tell((watcher) => watcher.onRestart?.(one, quietSince));
      return String(workload.version);
    },
  };
}

interface InstrumentationMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: JsonObject;
}

/** Nobody in these clusters asks by namespace, so only what shapes pods tells one world from another. */
export const keyOfAll = (instrumentations: ReadonlyMap<string, Versioned>): string =>
  [...instrumentations]
    .map(([name, { record }]) => `${name} ${settingsDigest(record)}`)
    .toSorted()
    .join();

/** Settings go to and fro, and those that come back are the very same. */
function instrumentationOf(
  spec: JsonObject,
  namespace: string,
  name: string,
): ObservedInstrumentation {
  const known = read.get(spec) ?? new Map<string, ObservedInstrumentation>();
  read.set(spec, known);
  const key = `${namespace}/${name}`;
  const found =
    known.get(key) ?? readObservedInstrumentation({ metadata: { namespace, name }, spec });
  if (!found) throw new Error(`${key} cannot be read`);
  known.set(key, found);
  return found;
}

const read = new WeakMap<JsonObject, Map<string, ObservedInstrumentation>>();

export const worldFrom = (namespace: string, all: Iterable<Versioned>): World => ({
  namespace: { name: namespace, annotations: {}, labels: {} },
  instrumentations: indexInstrumentations([...all].map(({ record }) => record.settings)),
  defaults: { images, disabled: [] },
});

export const namespaceRecord = (name: string): Namespace => ({
  namespace: '',
  name,
  uid: name,
  createdAt: start - 1_000_000,
  deletedAt: undefined,
  labels: {},
  annotations: {},
  askedAt: undefined,
});

const admissions = new Map<string, ReturnType<typeof admit>>();

/** The same template in the same world: injection is no part of what is simulated. */
function remember(key: string, make: () => ReturnType<typeof admit>) {
  const found = admissions.get(key);
  if (found) return found;
  const made = make();
  if (admissions.size > 20_000) admissions.clear();
  admissions.set(key, made);
  return made;
}

const usualStrategy: Strategy = {
  type: 'RollingUpdate',
  maxUnavailable: '25%',
  maxSurge: '25%',
  partition: 0,
  isPaused: false,
  minReadySeconds: 0,
  progressDeadlineSeconds: 600,
  revisionHistoryLimit: 10,
};

const ordinal = { maxUnavailable: 1, maxSurge: 0, progressDeadlineSeconds: undefined } as const;

function newWorkload(spec: WorkloadSpec, uid: string, now: number): ModelWorkload {
  const { kind = 'Deployment', namespace = 'shop', name = 'web', containers = ['app'] } = spec;
  const probe = { readinessProbe: { httpGet: { path: '/', port: 8080 } } };
  const asking = {
    [keys.inject('java')]: 'shop/main',
    [keys.containerNames]: containers.join(),
    ...spec.podAnnotations,
  };
  const template = {
    metadata: { annotations: asking, labels: { app: name } },
    spec: {
      containers: containers.map((one) => ({
        name: one,
        image: `${one}:1`,
        ...(spec.withoutProbe === true ? {} : probe),
      })),
    },
  };
  return {
    key: `${kind}/${namespace}/${name}`,
    kind,
    namespace,
    name,
    uid,
    createdAt: now,
    version: 1,
    generation: 1,
    template,
    mark: markTemplate(template),
    annotations: spec.annotations ?? {},
    replicas: spec.replicas ?? 2,
    strategy: {
      ...usualStrategy,
      ...(kind === 'Deployment' ? {} : ordinal),
      ...spec.strategy,
    },
    behaviour: {
      startSeconds: 3,
      readySeconds: spec.withoutProbe === true ? 0 : 5,
      ...spec.behaviour,
    },
    applied: { emptiesAnnotations: false, isServerSide: false, replaces: false },
    owner: undefined,
    isAdopted: spec.isAdopted ?? false,
    deadSeats: new Set(spec.deadSeats),
    revisions: [],
    pods: [],
    observedGeneration: 0,
    updated: 0,
    isExpired: false,
    progressAt: undefined,
    currentRevision: undefined,
    isGone: false,
    isDue: false,
    told: undefined,
  };
}

function mergeInto(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = mergeInto(objectAt(target, key) ?? {}, value);
    else merged[key] = value;
  }
  return merged;
}

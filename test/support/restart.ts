import { annotations as keys, marks } from '../../crds/names.ts';
import { writeDeclined, writeInjected, type Stamp } from '../../domain/injection/stamp.ts';
import type { JsonObject } from '../../domain/json.ts';
import { gather, wantedOf } from '../../domain/restart/gather.ts';
import { judge } from '../../domain/restart/judge.ts';
import type { Rules } from '../../domain/restart/judge/policy.ts';
import type { Limits } from '../../domain/restart/judge/reading.ts';
import { readDisruptionBudget } from '../../domain/restart/records/disruption.ts';
import { readObservedInstrumentation } from '../../domain/restart/records/instrumentation.ts';
import type { WorkloadKind } from '../../domain/restart/records/metadata.ts';
import { readNamespace } from '../../domain/restart/records/namespace.ts';
import { podReader } from '../../domain/restart/records/pod.ts';
import { readControllerRevision, readReplicaSet } from '../../domain/restart/records/revision.ts';
import { writeMarker } from '../../domain/restart/records/template.ts';
import { readWorkload } from '../../domain/restart/records/workload.ts';
import type { Memory, Snapshot } from '../../domain/restart/snapshot.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import { theDefaults } from './build.ts';

/** Noon, at which every judgement of the tests is made; ages count back from it. */
export const noon = Date.parse('2026-11-21T12:00:00Z') / 1_000;

const time = (age: number) => new Date((noon - age) * 1_000).toISOString();

export const minute = 60;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A pod of shop/cart, by what differs from a bare, ready one that is an hour old. */
export interface PodScene {
  readonly age?: number;
  /** The number of its revision; the newest, if nothing is said. */
  readonly revision?: number;
  /** A mark of ours, or `adopted`: the operator has injected it. */
  readonly carries?: 'stamp' | 'agedStamp' | 'otherStamp' | 'declined' | 'adopted';
  /** What a declined pod says, and by a webhook with which settings. */
  readonly declined?: {
    readonly reason?: string;
    readonly defaults?: string;
    readonly asked?: string;
  };
  /** How long its container has run; since two seconds after its birth, if nothing is said. */
  readonly runs?: number;
  readonly restarts?: number;
  readonly waiting?: string;
  /** How its container ended before its last restart. */
  readonly ended?: string;
  readonly isInit?: boolean;
  readonly isReady?: boolean;
  readonly phase?: string;
  readonly isGoing?: boolean;
}

/** A revision of shop/cart, by what differs from one of the live template that is a day old. */
export interface RevisionScene {
  readonly number: number;
  readonly age?: number;
  readonly marker?: string | undefined;
  /** What its owner has changed: templates with equal images are equal. */
  readonly image?: string;
}

/** All that is known of one workload, by what differs from two bare pods of a Deployment at rest. */
export interface Scene {
  readonly kind?: WorkloadKind;
  readonly replicas?: number;
  readonly marker?: string | undefined;
  readonly image?: string;
  /** Of the pod template, besides the one that asks for Java. */
  readonly templateAnnotations?: JsonObject;
  /** Of the only container. */
  readonly container?: JsonObject;
  readonly annotations?: JsonObject;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  readonly revisions?: readonly RevisionScene[];
  readonly pods?: readonly PodScene[];
  readonly namespace?: JsonObject;
  readonly instrumentation?:
    | { readonly spec?: JsonObject; readonly metadata?: JsonObject }
    | 'none';
  readonly budgets?: readonly JsonObject[];
  readonly rules?: Partial<Rules>;
  readonly memory?: Partial<Memory>;
}

const owner = { apiVersion: 'apps/v1', name: 'cart', uid: 'w1', controller: true };

function templateOf(
  scene: Scene,
  { image, marker }: { image?: string; marker?: string | undefined },
) {
  const { templateAnnotations = {}, container = {} } = scene;
  return {
    metadata: {
      labels: { app: 'cart' },
      annotations: {
        [keys.inject('java')]: 'true',
        ...templateAnnotations,
        ...(marker === undefined ? {} : { [marks.restart]: marker }),
      },
    },
    spec: {
      containers: [
        { name: 'app', image: image ?? 'cart:1', readinessProbe: { httpGet: {} }, ...container },
      ],
    },
  };
}

const hashOf = (number: number) => `hash${number}`;

function revisionJson(scene: Scene, revision: RevisionScene): JsonObject {
  const { kind = 'Deployment' } = scene;
  const { number, age = day } = revision;
  const template = templateOf(scene, revision);
  const metadata = {
    name: `cart-${hashOf(number)}`,
    namespace: 'shop',
    uid: `r${number}`,
    creationTimestamp: time(age),
    ownerReferences: [{ ...owner, kind }],
  };
  if (kind !== 'Deployment') {
    const label =
      kind === 'StatefulSet' ? 'controller.kubernetes.io/hash' : 'controller-revision-hash';
    return {
      metadata: { ...metadata, labels: { app: 'cart', [label]: hashOf(number) } },
      revision: number,
      data: { spec: { template: { $patch: 'replace', ...template } } },
    };
  }
  const labels = { ...template.metadata.labels, 'pod-template-hash': hashOf(number) };
  return {
    metadata: {
      ...metadata,
      labels,
      annotations: { 'deployment.kubernetes.io/revision': String(number) },
    },
    spec: { replicas: 2, template: { ...template, metadata: { ...template.metadata, labels } } },
    status: { replicas: 2, readyReplicas: 2, availableReplicas: 2 },
  };
}

function podJson(kind: WorkloadKind, newest: number, index: number, pod: PodScene): JsonObject {
  const { age = hour, revision = newest, phase = 'Running', isReady = true } = pod;
  const hash = hashOf(revision);
  const made =
    kind === 'Deployment'
      ? { kind: 'ReplicaSet', name: `cart-${hash}`, uid: `r${revision}` }
      : { ...owner, kind };
  const label =
    kind === 'Deployment'
      ? { 'pod-template-hash': hash }
      : { 'controller-revision-hash': kind === 'StatefulSet' ? `cart-${hash}` : hash };
  return {
    metadata: {
      name: `cart-${index}`,
      namespace: 'shop',
      uid: `p${index}`,
      creationTimestamp: time(age),
      ...(pod.isGoing === true ? { deletionTimestamp: time(0) } : {}),
      labels: { app: 'cart', ...label },
      annotations: marksOf(pod),
      ownerReferences: [{ ...made, controller: true }],
    },
    spec: {
      initContainers:
        pod.carries === undefined || pod.carries === 'declined'
          ? []
          : [{ name: 'opentelemetry-auto-instrumentation-java' }],
      containers: [{ name: 'app', image: 'cart:1' }],
    },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: time(age - 5) },
      ],
      [pod.isInit === true ? 'initContainerStatuses' : 'containerStatuses']: [containerStatus(pod)],
    },
  };
}

function containerStatus({ age = hour, runs = age - 2, restarts = 0, waiting, ended }: PodScene) {
  return {
    name: 'app',
    restartCount: restarts,
    state:
      waiting === undefined
        ? { running: { startedAt: time(runs) } }
        : { waiting: { reason: waiting } },
    ...(ended === undefined ? {} : { lastState: { terminated: { reason: ended } } }),
  };
}

const other: Stamp = { asked: 'feedfeedfeedfeed', defaults: 'feedfeedfeedfeed' };

function marksOf({ carries, declined = {} }: PodScene): JsonObject {
  if (carries === 'stamp') return { [marks.injected]: writeInjected(theStamp) };
  if (carries === 'agedStamp')
    return { [marks.injected]: writeInjected({ ...theStamp, defaults: other.defaults }) };
  if (carries === 'otherStamp') return { [marks.injected]: writeInjected(other) };
  if (carries !== 'declined') return {};
  const { reason = 'NameTaken', ...stamp } = declined;
  const mark = writeDeclined({ ...theStamp, ...stamp }, 'NameTaken').replace('NameTaken', reason);
  return { [marks.declined]: mark };
}

/** What the controller of the kind says once it has nothing left to do. */
function restingStatus(kind: WorkloadKind, replicas: number, newest: number): JsonObject {
  if (kind === 'DaemonSet')
    return {
      observedGeneration: 1,
      desiredNumberScheduled: replicas,
      currentNumberScheduled: replicas,
      updatedNumberScheduled: replicas,
      numberReady: replicas,
      numberAvailable: replicas,
    };
  const revision = `cart-${hashOf(newest)}`;
  return {
    observedGeneration: 1,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    ...(kind === 'StatefulSet' ? { currentRevision: revision, updateRevision: revision } : {}),
  };
}

function worldOf({ namespace = {}, instrumentation = {} }: Scene) {
  const around = readNamespace({ metadata: { name: 'shop', uid: 'n1', ...namespace } });
  const { spec = {}, metadata = {} } = instrumentation === 'none' ? {} : instrumentation;
  const main = readObservedInstrumentation({
    metadata: {
      name: 'main',
      namespace: 'shop',
      creationTimestamp: time(30 * minute),
      ...metadata,
    },
    spec,
  });
  const instrumentations = instrumentation === 'none' || !main ? [] : [main];
  const world = {
    namespace: {
      name: 'shop',
      annotations: around?.annotations ?? {},
      labels: around?.labels ?? {},
    },
    instrumentations: indexInstrumentations(instrumentations.map(({ settings }) => settings)),
    defaults: theDefaults(),
  };
  return { around, instrumentations, world };
}

const must = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Error('the builder made something unreadable');
  return found;
};

export function aWorkload(scene: Scene = {}) {
  const { kind = 'Deployment', replicas = 2, revisions = [{ number: 1 }] } = scene;
  const metadata = {
    name: 'cart',
    namespace: 'shop',
    uid: 'w1',
    resourceVersion: '77',
    generation: 1,
    annotations: scene.annotations ?? {},
    ...scene.metadata,
  };
  const spec = { replicas, template: templateOf(scene, scene), ...scene.spec };
  const status = { ...restingStatus(kind, replicas, revisions[0]?.number ?? 0), ...scene.status };
  return must(readWorkload(kind, { metadata, spec, status }));
}

/** Every record of it is read from JSON as an API server would send it. */
export function aSnapshot(scene: Scene = {}): Snapshot {
  const { kind = 'Deployment', revisions = [{ number: 1 }], pods = [{}, {}] } = scene;
  const live = { ...scene, revisions };
  const workload = aWorkload(live);
  const { around, instrumentations, world } = worldOf(scene);
  const newest = revisions[0]?.number ?? 0;
  const readRevision = kind === 'Deployment' ? readReplicaSet : readControllerRevision;
  const readPod = podReader();
  return gather(
    {
      workload,
      revisions: revisions.map((one) =>
        must(readRevision(revisionJson(scene, inherited(one, scene)))),
      ),
      pods: pods.map((pod, index) => must(readPod(podJson(kind, newest, index, pod)))),
      namespace: around,
      instrumentations,
      disruptionBudgets: (scene.budgets ?? []).map((json) => must(readDisruptionBudget(json))),
      wanted: wantedOf(workload, world),
      memory: { ...noMemory, behindSince: noon - minute, ...scene.memory },
    },
    { ...theRules, ...scene.rules },
    noon,
  );
}

const noMemory: Memory = {
  behindSince: undefined,
  rejected: undefined,
  sent: undefined,
  restarts: [],
};

const inherited = (one: RevisionScene, { image }: Scene): RevisionScene =>
  one.image === undefined && image !== undefined ? { ...one, image } : one;

export const theRules: Rules = {
  remediation: 'restart',
  restartsOutdated: false,
  protectedNamespaces: new Set(['kube-system']),
  home: { name: 'otel-retrofit', annotations: {} },
};

export const theLimits: Limits = {
  soakSeconds: minute,
  proveSeconds: 15 * minute,
  attemptsPerDay: 2,
  attemptsPerWeek: 4,
  quietSeconds: 2 * minute,
};

/** What the webhook writes on a pod of shop/cart. */
const theStamp: Stamp = (() => {
  const wanted = wantedOf(aWorkload(), worldOf({}).world);
  if (wanted.kind !== 'given') throw new Error('the builder made a workload that asks for nothing');
  return wanted.stamp;
})();

/** The marker of restart number `number`, for the present settings; ages of it and those before it. */
export const aMarker = (number: number, ...ages: readonly number[]): string =>
  writeMarker({ asked: theStamp.asked, number, times: ages.map((age) => noon - age) });

/** The same for settings that have since changed. */
export const anOtherMarker = (number: number, ...ages: readonly number[]): string =>
  writeMarker({ asked: other.asked, number, times: ages.map((age) => noon - age) });

export const judged = (scene: Scene = {}, limits: Partial<Limits> = {}) =>
  judge(aSnapshot(scene), { ...theLimits, ...limits });

/** A verdict as `kind Reason (Cause)`. */
export function verdictOn(scene: Scene = {}, limits: Partial<Limits> = {}): string {
  const { verdict } = judged(scene, limits);
  if (verdict.kind === 'current') return 'current';
  const cause = 'cause' in verdict && verdict.cause !== undefined ? ` (${verdict.cause})` : '';
  return `${verdict.kind} ${verdict.reason}${cause}`;
}

/** Our restart of `age` seconds ago, and its pods. */
export function restarted(age: number, pods: readonly PodScene[], scene: Scene = {}): Scene {
  const marker = aMarker(1, age);
  const revisions: RevisionScene[] = [
    { number: 2, age, marker },
    { number: 1, age: day },
  ];
  return { marker, revisions, pods: pods.map((pod) => ({ age: age - 3, ...pod })), ...scene };
}

import { labels as keys, marks } from '../../../crds/names.ts';
import { carriesAgent } from '../../injection/admit.ts';
import { readPod } from '../../injection/pod/shape.ts';
import { readMark, type Mark } from '../../injection/stamp.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';
import { annotationsOf, countAt, labelsOf, metadataOf, ownerOf, secondsAt } from './metadata.ts';
import type { Identity, Owner, Seconds } from './metadata.ts';
import { createPool, type Share } from './pool.ts';

/** What is kept of a pod. There are far more pods than anything else, so each word here counts. */
export interface ObservedPod extends Identity {
  readonly owner: Owner | undefined;
  /** The label that ties it to its revision. */
  readonly revision: string | undefined;
  /** What it got from us. */
  readonly injected: Mark | undefined;
  /** What was asked for it and could not be given. */
  readonly declined: Mark | undefined;
  /** Whether an agent is in it as injection leaves it, by our hand or the operator's. */
  readonly carriesAgent: boolean;
  readonly phase: string;
  readonly isReady: boolean;
  /** Since when it is, or is not. */
  readonly readinessAt: Seconds | undefined;
  readonly containers: readonly ContainerState[];
}

export interface ContainerState {
  readonly name: string;
  readonly isInit: boolean;
  readonly restarts: number;
  /** Only while it runs. */
  readonly startedAt: Seconds | undefined;
  /** Why it does not run yet, or not again. */
  readonly waiting: string | undefined;
  /** How it ended, now or before its last restart. */
  readonly terminated: string | undefined;
}

/** What many pods say alike is kept once for all that one reader reads. */
interface Pools {
  readonly text: (found: string | undefined) => string | undefined;
  readonly owner: Share<Owner>;
  readonly mark: Share<Mark>;
  readonly state: Share<ContainerState>;
}

export function podReader(): (json: unknown) => ObservedPod | undefined {
  const text = createPool<string>();
  const pools: Pools = {
    text: (found) => (found === undefined ? undefined : text(found, found)),
    owner: createPool(),
    mark: createPool(),
    state: createPool(),
  };
  return (json) => {
    const metadata = metadataOf(json);
    return metadata && isObject(json) ? readObserved(json, metadata, pools) : undefined;
  };
}

/** Each member is written out: an object that others were spread into takes more room. */
function readObserved(json: JsonObject, metadata: JsonObject, pools: Pools): ObservedPod {
  const labels = labelsOf(metadata);
  const annotations = annotationsOf(metadata);
  const status = objectAt(json, 'status') ?? {};
  const ready = conditionOf(status, 'Ready');
  const owner = ownerOf(metadata);
  const pod = readPod(json);
  return {
    namespace: pools.text(textAt(metadata, 'namespace')) ?? '',
    name: textAt(metadata, 'name') ?? '',
    uid: textAt(metadata, 'uid') ?? '',
    createdAt: secondsAt(metadata, 'creationTimestamp') ?? 0,
    deletedAt: secondsAt(metadata, 'deletionTimestamp'),
    owner: owner && pools.owner(owner.uid, owner),
    revision: pools.text(textAt(labels, keys.podTemplateHash) ?? textAt(labels, revisionLabel)),
    injected: markAt(annotations, marks.injected, pools),
    declined: markAt(annotations, marks.declined, pools),
    carriesAgent: pod !== undefined && carriesAgent(pod),
    phase: pools.text(textAt(status, 'phase')) ?? '',
    isReady: ready !== undefined && textAt(ready, 'status') === 'True',
    readinessAt: ready && secondsAt(ready, 'lastTransitionTime'),
    containers: statesOf(status, pools),
  };
}

const revisionLabel = 'controller-revision-hash';

function markAt(annotations: JsonObject, key: string, { mark }: Pools): Mark | undefined {
  const text = textAt(annotations, key);
  const read = text === undefined ? undefined : readMark(text);
  return read && mark(text ?? '', read);
}

const conditionOf = (status: JsonObject, type: string): JsonObject | undefined =>
  listAt(status, 'conditions')
    ?.filter(isObject)
    .find((condition) => textAt(condition, 'type') === type);

function statesOf(status: JsonObject, pools: Pools): readonly ContainerState[] {
  const init = listAt(status, 'initContainerStatuses') ?? [];
  const main = listAt(status, 'containerStatuses') ?? [];
  // A list that is mapped has just the room it needs; one that grows has more.
  return [...init, ...main].map((json, index) => {
    const read = readState(isObject(json) ? json : {}, index < init.length, pools);
    // A container that runs has a start of its own, so it is hardly like any other.
    if (read.startedAt !== undefined) return read;
    return pools.state([read.name, read.waiting, read.terminated].join(' '), read);
  });
}

function readState(json: JsonObject, isInit: boolean, { text }: Pools): ContainerState {
  const state = objectAt(json, 'state') ?? {};
  const running = objectAt(state, 'running');
  const waiting = objectAt(state, 'waiting');
  const terminated =
    objectAt(state, 'terminated') ?? objectAt(objectAt(json, 'lastState') ?? {}, 'terminated');
  return {
    name: text(textAt(json, 'name')) ?? '',
    isInit,
    restarts: countAt(json, 'restartCount'),
    startedAt: running && secondsAt(running, 'startedAt'),
    waiting: waiting && text(textAt(waiting, 'reason')),
    terminated: terminated && text(textAt(terminated, 'reason')),
  };
}

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
  /** When the last of its containers that run began: a restart of any of them moves it. */
  readonly startedAt: Seconds | undefined;
  /** Without a time of their own, so that pods in the same state share one list. */
  readonly containers: readonly ContainerState[];
}

export interface ContainerState {
  readonly name: string;
  readonly isInit: boolean;
  readonly restarts: number;
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
  readonly states: Share<readonly ContainerState[]>;
}

export function podReader(): (json: unknown) => ObservedPod | undefined {
  const text = createPool<string>();
  const pools: Pools = {
    text: (found) => (found === undefined ? undefined : text(found, found)),
    owner: createPool(),
    mark: createPool(),
    state: createPool(),
    states: createPool(),
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
  const init = statusesIn(status, 'initContainerStatuses');
  const main = statusesIn(status, 'containerStatuses');
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
    startedAt: lastStartOf([...init, ...main]),
    containers: statesOf(init, main, pools),
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

const statusesIn = (status: JsonObject, key: string) =>
  (listAt(status, key) ?? []).filter(isObject);

function lastStartOf(statuses: readonly JsonObject[]): Seconds | undefined {
  const starts = statuses.flatMap((status) => {
    const running = objectAt(objectAt(status, 'state') ?? {}, 'running');
    return (running && secondsAt(running, 'startedAt')) ?? [];
  });
  return starts.length === 0 ? undefined : Math.max(...starts);
}

function statesOf(
  init: readonly JsonObject[],
  main: readonly JsonObject[],
  pools: Pools,
): readonly ContainerState[] {
  const states = [...init, ...main].map((status, index) => {
    const state = stateOf(status, index < init.length);
    return pools.state(keyOf(state), state);
  });
  return pools.states(states.map(keyOf).join(), states);
}

const keyOf = ({ name, waiting, terminated }: ContainerState) =>
  [name, waiting, terminated].join(' ');

function stateOf(status: JsonObject, isInit: boolean): ContainerState {
  const state = objectAt(status, 'state') ?? {};
  const waiting = objectAt(state, 'waiting');
  const terminated =
    objectAt(state, 'terminated') ?? objectAt(objectAt(status, 'lastState') ?? {}, 'terminated');
  return {
    name: textAt(status, 'name') ?? '',
    isInit,
    restarts: countAt(status, 'restartCount'),
    waiting: waiting && textAt(waiting, 'reason'),
    terminated: terminated && textAt(terminated, 'reason'),
  };
}

import type { Fields, WatchEvent } from '../api.ts';
import type { Call, Target } from '../objects/calls.ts';
import { put, type Thing } from '../objects/json.ts';
import { versionOf } from '../objects/kinds.ts';
import { badOption, Refusal } from '../objects/refusals.ts';
import { selectorOf } from '../objects/selectors.ts';
import type { Change } from '../store.ts';
import { told, type Shelf } from './reads.ts';

/** One event; what it is about is told when somebody asks. */
export interface Told {
  readonly type: WatchEvent['type'];
  readonly object: Fields;
}

export interface Sink {
  readonly take: (event: Told) => void;
  readonly end: () => void;
}

/** Starts the events; what it returns stops them. */
export type Stream = (sink: Sink) => () => void;

export function watch(shelf: Shelf, target: Target, call: Call): Stream {
  const { kind, namespace } = target;
  const query = call.url.searchParams;
  const { from, isTold, isMarked } = pastOf(query);
  const isShown = filterOf(target, query);
  const wantsMarks = query.get('allowWatchBookmarks') === 'true';
  const tell = (type: Told['type'], thing: Thing): Told => ({
    type,
    object: told(shelf, kind, thing, call.accept),
  });
  return ({ take, end }) => {
    const { store } = shelf;
    const objects = store.of(kind.storage);
    const mark = (more: Fields = {}) => {
      const metadata = { resourceVersion: String(store.version), ...more };
      const object = { kind: kind.kind, apiVersion: versionOf(kind), metadata };
      if (wantsMarks) take({ type: 'BOOKMARK', object });
    };
    const forward = (change: Change) => {
      const event = change.version > from ? transition(change, isShown) : undefined;
      if (event !== undefined) take(tell(event.type, event.thing));
    };
    const missed = from < 0 ? [] : objects.since(from);
    if (missed === undefined) {
      take({ type: 'ERROR', object: tooOld(from, store.version) });
      end();
      return () => {};
    }
    if (isTold)
      for (const thing of objects.list(namespace).filter(isShown)) take(tell('ADDED', thing));
    if (isMarked) mark({ annotations: { 'k8s.io/initial-events-end': 'true' } });
    missed.forEach(forward);
    const unfollow = objects.follow(forward, end);
    const stop = time(Number(query.get('timeoutSeconds') ?? 0), mark, end);
    return () => [unfollow, stop].forEach((each) => each());
  };
}

const tooOld = (from: number, version: number) =>
  new Refusal(410, `too old resource version: ${from} (${version})`).status;

function filterOf({ kind, namespace }: Target, query: URLSearchParams) {
  const selector = selectorOf(kind, query);
  return (thing: Thing) =>
    ['', thing.metadata.namespace].includes(namespace) && (selector?.(thing) ?? true);
}

/** What a watch is told of the time before it: all there is, what it missed, or nothing. */
interface Past {
  readonly from: number;
  readonly isTold: boolean;
  readonly isMarked: boolean;
}

function pastOf(query: URLSearchParams): Past {
  const given = query.get('resourceVersion') ?? '';
  const initial = query.get('sendInitialEvents');
  const isMatched = query.get('resourceVersionMatch') === 'NotOlderThan';
  // The server does not say what kind of mistake a version that is no number is.
  if (!/^\d*$/.test(given)) throw new Refusal(500, `parsing "${given}"`, { reason: undefined });
  if (isMatched !== (initial !== null))
    throw badOption('resourceVersionMatch: Forbidden: goes with sendInitialEvents');
  const isMarked = initial === 'true';
  const isFromNow = Number(given) === 0 || isMarked;
  return {
    from: isFromNow ? -1 : Number(given),
    isTold: isFromNow && initial !== 'false',
    isMarked,
  };
}

/** What a change is to somebody who sees only some objects: entering is being added, leaving is being deleted. */
function transition({ type, object, before }: Change, isShown: (thing: Thing) => boolean) {
  const was = before !== undefined && isShown(before);
  if (type === 'DELETED') return was ? { type, thing: object } : undefined;
  if (isShown(object))
    return { type: was ? ('MODIFIED' as const) : ('ADDED' as const), thing: object };
  if (!was) return undefined;
  const { resourceVersion } = object.metadata;
  const thing = put(before, 'metadata.resourceVersion', resourceVersion);
  return { type: 'DELETED' as const, thing };
}

const minuteMs = 60_000;

/** A bookmark a minute, two shortly before the end, so that whoever comes back has a fresh version. */
function time(seconds: number, mark: () => void, end: () => void): () => void {
  const lifeMs = seconds * 1_000 || 45 * minuteMs;
  const early = [2_000, 1_000].filter((beforeMs) => beforeMs < lifeMs);
  const timers = [
    setInterval(mark, minuteMs),
    setTimeout(end, lifeMs),
    ...early.map((beforeMs) => setTimeout(mark, lifeMs - beforeMs)),
  ];
  return () => timers.forEach((timer) => clearTimeout(timer));
}

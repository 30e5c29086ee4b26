import { setTimeout as pause } from 'node:timers/promises';
import type { Fields, WatchEvent } from '../api.ts';
import { isAt, type Call, type Target } from '../objects/calls.ts';
import { fieldsOf, type Thing } from '../objects/json.ts';
import { badOption, badRequest, notFound, Refusal } from '../objects/refusals.ts';
import { selectorOf } from '../objects/selectors.ts';
import { shown, shownList, viewOf } from '../objects/views.ts';
import { keyOf, type Change, type Store } from '../store.ts';

export interface Shelf {
  readonly store: Store;
  readonly now: () => Date;
}

export function get({ store, now }: Shelf, { kind, namespace, name }: Target, call: Call): Fields {
  const thing = store.of(kind.storage).get(namespace, name);
  if (thing === undefined) throw notFound(kind, name);
  return shown(kind, thing, viewOf(call.accept), now());
}

/** Where a list reads from, and where it goes on. */
interface Reading {
  readonly version: number;
  readonly isExact: boolean;
  readonly start: string;
  readonly limit: number;
}

export async function list({ store, now }: Shelf, target: Target, call: Call): Promise<Fields> {
  const { searchParams: query } = call.url;
  const { version, isExact, start, limit } = readingOf(query);
  const selector = selectorOf(target.kind, query);
  await awaitVersion(store, version);
  const collection = store.of(target.kind.storage);
  const all = isExact ? collection.listAt(version, target.namespace) : collection.list(target.namespace);
  if (all === undefined) throw expired(start);
  const told = isExact ? version : store.version;
  const rest = all.filter((thing) => keyOf(thing) >= start && (selector?.(thing) ?? true));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const isWhole = items.length === rest.length || last === undefined;
  const metadata = {
    resourceVersion: String(told),
    ...(isWhole ? {} : { continue: tokenOf(told, `${keyOf(last)}\0`) }),
    ...(isWhole || selector !== undefined ? {} : { remainingItemCount: rest.length - items.length }),
  };
  return shownList(target.kind, items, metadata, { view: viewOf(call.accept), now: now() });
}

function readingOf(query: URLSearchParams): Reading {
  const given = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const token = query.get('continue') ?? '';
  if (query.has('sendInitialEvents')) throw badOption('ListOptions', 'sendInitialEvents', 'Forbidden: sendInitialEvents is forbidden for list');
  if (match !== '' && given === '') throw badOption('ListOptions', 'resourceVersionMatch', 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') throw badOption('ListOptions', 'resourceVersionMatch', `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`);
  if (match === 'Exact' && given === '0') throw badOption('ListOptions', 'resourceVersionMatch', 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  if (!/^\d*$/.test(given)) throw badRequest(`Invalid value: "${given}": resourceVersion must be a number`);
  const asked = limitOf(query.get('limit') ?? '');
  if (token !== '') {
    if (given !== '' && given !== '0') throw badRequest('specifying resource version is not allowed when using continue');
    const { rv, start } = readToken(token);
    return { version: rv, isExact: rv >= 0, start, limit: asked };
  }
  const version = Number(given);
  const isExact = match === 'Exact' || (version > 0 && match === '' && asked !== Infinity);
  return { version, isExact, start: '', limit: given === '0' ? Infinity : asked };
}

function limitOf(text: string): number {
  if (!/^-?\d*$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text) > 0 ? Number(text) : Infinity;
}

const tokenOf = (rv: number, start: string) => Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start })).toString('base64url');

function readToken(token: string): { rv: number; start: string } {
  try {
    const { rv, start } = fieldsOf(JSON.parse(Buffer.from(token, 'base64url').toString()));
    if (typeof rv === 'number' && typeof start === 'string') return { rv, start };
  } catch {
    // what is no JSON is told below, like what is no token
  }
  throw badRequest('invalid continue token: the token is not one of this server');
}

function expired(start: string): Refusal {
  if (start === '') return new Refusal(410, 'Expired', 'The resourceVersion for the provided list is too old.');
  const message = 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.';
  return new Refusal(410, 'Expired', message, { metadata: { continue: tokenOf(-1, start) } });
}

const patienceMs = 3_000;

/** A version from the future is waited for: another server may be ahead of this one. */
async function awaitVersion(store: Store, version: number): Promise<void> {
  for (let waitedMs = 0; version > store.version; waitedMs += 50) {
    if (waitedMs >= patienceMs) {
      const message = `Too large resource version: ${version}, current: ${store.version}`;
      const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
      throw new Refusal(504, 'Timeout', `Timeout: ${message}`, { details: { causes, retryAfterSeconds: 1 } });
    }
    await pause(50);
  }
}

/** One event as a watcher gets it: the object in the same process, the line over the wire. */
export interface Told {
  readonly type: WatchEvent['type'];
  readonly object: Fields;
  readonly line: Buffer;
}

export interface Sink {
  readonly take: (event: Told) => void;
  readonly end: () => void;
}

/** Starts the events; what it returns stops them. */
export type Stream = (sink: Sink) => () => void;

export function watch({ store, now }: Shelf, target: Target, call: Call): Stream {
  const { searchParams: query } = call.url;
  const view = viewOf(call.accept);
  const show = (thing: Thing) => shown(target.kind, thing, view, now());
  const past = pastOf(query);
  const selector = selectorOf(target.kind, query);
  const isWanted = (thing: Thing) => (target.name === '' || thing.metadata.name === target.name) && (selector?.(thing) ?? true);
  const wantsBookmarks = query.get('allowWatchBookmarks') === 'true';
  const mark = (annotations?: Fields) =>
    tell('BOOKMARK', () => markOf(target, view === 'metadata', { resourceVersion: String(store.version), ...(annotations && { annotations }) }));
  const form = `${view}/${target.kind.group}/${target.kind.version}`;
  return (sink) => {
    const collection = store.of(target.kind.storage);
    const forward = (change: Change) => {
      if (!isAt(target, change.object) || change.version <= past.from) return;
      const event = transition(change, isWanted);
      if (event !== undefined) sink.take(tell(event.type, () => show(event.thing), view === 'table' ? undefined : { lines: change.lines, form }));
    };
    const missed = past.from < 0 ? [] : collection.since(past.from);
    if (missed === undefined) {
      sink.take(tell('ERROR', () => new Refusal(410, 'Expired', `too old resource version: ${past.from} (${store.version})`).status));
      sink.end();
      return () => {};
    }
    if (past.isTold) for (const thing of collection.list(target.namespace).filter(isWanted)) sink.take(tell('ADDED', () => show(thing)));
    if (past.isMarked && wantsBookmarks) sink.take(mark({ 'k8s.io/initial-events-end': 'true' }));
    for (const change of missed) forward(change);
    const unfollow = collection.follow(forward, sink.end);
    const stopTimers = time(query, wantsBookmarks ? () => sink.take(mark()) : () => {}, sink.end);
    return () => {
      unfollow();
      stopTimers();
    };
  };
}

/** What a watch is told of the time before it: all there is, what it missed, or nothing. */
interface Past {
  readonly from: number;
  readonly isTold: boolean;
  readonly isMarked: boolean;
}

function pastOf(query: URLSearchParams): Past {
  const given = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.get('sendInitialEvents');
  if (!/^\d*$/.test(given)) throw new Refusal(500, '', `strconv.ParseUint: parsing "${given}": invalid syntax`);
  if (initial !== null && match !== 'NotOlderThan') throw badOption('ListOptions', 'resourceVersionMatch', 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (initial === null && match !== '') throw badOption('ListOptions', 'resourceVersionMatch', 'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  if (initial === 'true') return { from: -1, isTold: true, isMarked: true };
  const isFromNow = Number(given) === 0;
  return { from: isFromNow ? -1 : Number(given), isTold: isFromNow && initial === null, isMarked: false };
}

/** What a change is to somebody who sees only some objects: entering is being added, leaving is being deleted. */
function transition(change: Change, isWanted: (thing: Thing) => boolean): { type: Change['type']; thing: Thing } | undefined {
  const { type, object, before } = change;
  const was = before !== undefined && isWanted(before);
  if (type === 'DELETED') return was ? { type, thing: object } : undefined;
  if (isWanted(object)) return { type: was ? 'MODIFIED' : 'ADDED', thing: object };
  if (!was) return undefined;
  const { resourceVersion } = object.metadata;
  return { type: 'DELETED', thing: { ...before, metadata: { ...before.metadata, resourceVersion } } };
}

interface Cache {
  readonly lines: Map<string, Buffer>;
  readonly form: string;
}

function tell(type: Told['type'], show: () => Fields, cache?: Cache): Told {
  return {
    type,
    get object() {
      return show();
    },
    get line() {
      const known = cache?.lines.get(`${type}/${cache.form}`);
      if (known !== undefined) return known;
      const line = Buffer.from(`${JSON.stringify({ type, object: show() })}\n`);
      cache?.lines.set(`${type}/${cache.form}`, line);
      return line;
    },
  };
}

function markOf({ kind: { kind, group, version } }: Target, isPartial: boolean, metadata: Fields): Fields {
  if (isPartial) return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  return { kind, apiVersion: group === '' ? version : `${group}/${version}`, metadata };
}

const minuteMs = 60_000;

/** A bookmark a minute, two shortly before the end, so that whoever comes back has a fresh version. */
function time(query: URLSearchParams, mark: () => void, end: () => void): () => void {
  const lifeMs = Number(query.get('timeoutSeconds') ?? 0) * 1_000 || 45 * minuteMs;
  const timers = [
    setInterval(mark, minuteMs),
    ...[2_000, 1_000].filter((early) => early < lifeMs).map((early) => setTimeout(mark, lifeMs - early)),
    setTimeout(end, lifeMs),
  ];
  return () => timers.forEach((timer) => clearTimeout(timer));
}

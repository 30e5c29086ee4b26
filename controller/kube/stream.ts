import { setImmediate as othersTurn } from 'node:timers/promises';
import { isObject, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { Fault, faultOf, faultOfStatus } from './fault.ts';
import type { Time } from './pace.ts';
import type { KubeObject } from './resource.ts';

/** What a watch tells. A bookmark says only how far it has come; `initialEnd` that all there was has been sent. */
export type WatchEvent =
  | { readonly kind: 'stored'; readonly object: KubeObject }
  | { readonly kind: 'deleted'; readonly object: KubeObject }
  | { readonly kind: 'bookmark'; readonly version: string; readonly initialEnd: boolean };

/** No object is larger than etcd's few MB; a line beyond this will never end. */
const longestLine = 32 * 1024 * 1024;

/** A stream that is full never waits, so it would keep all else from running: a turn is over after this much. */
const turnBytes = 128 * 1024;

/** Reads the events of a watch. Ends when the server ends it between two events, and fails otherwise. */
export async function* readEvents(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of lines(body)) {
      const event = eventIn(line);
      if (event) yield event;
    }
  } catch (error) {
    throw faultOf(error);
  }
}

/** Cuts at newlines before decoding, so that a character split between two chunks stays whole. */
export async function* lines(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let length = 0;
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > turnBytes) {
      read = 0;
      await othersTurn();
    }
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const last = chunk.subarray(start, end);
      const line = begun.length === 0 ? last : Buffer.concat([...begun, last]);
      begun = [];
      length = 0;
      start = end + 1;
      if (line.length > 0) yield line.toString();
    }
    if (start === chunk.length) continue;
    begun.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longestLine) throw new Fault('Garbled', { text: 'an event does not end' });
  }
  if (length > 0) throw new Fault('ConnectionBroken', { text: 'in the middle of an event' });
}

/** Types we do not know are of a newer server, and nothing we rely on. */
function eventIn(line: string): WatchEvent | undefined {
  const { type, object } = parsed(line, 'an event');
  if (!isObject(object)) throw new Fault('Garbled', { text: 'an event without an object' });
  if (type === 'ERROR') throw faultOfStatus(object, false);
  if (type === 'ADDED' || type === 'MODIFIED')
    return { kind: 'stored', object: kubeObject(object) };
  if (type === 'DELETED') return { kind: 'deleted', object: kubeObject(object) };
  return type === 'BOOKMARK' ? bookmark(object) : undefined;
}

function bookmark(object: JsonObject): WatchEvent {
  const metadata = objectAt(object, 'metadata');
  const version = metadata && textAt(metadata, 'resourceVersion');
  if (!metadata || !version) throw new Fault('Garbled', { text: 'a bookmark without a version' });
  const mark = objectAt(metadata, 'annotations')?.['k8s.io/initial-events-end'];
  return { kind: 'bookmark', version, initialEnd: mark === 'true' };
}

/** The parser's own message quotes what it read, which may hold secrets: it is not carried along. */
export function parsed(text: string, what: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // The same answer for what is no JSON and for JSON that is no object.
  }
  throw new Fault('Garbled', { text: `${what} that is no JSON object` });
}

/** From here on an object surely has a name, a uid and a version. */
export function kubeObject(value: unknown): KubeObject {
  const metadata = isObject(value) ? objectAt(value, 'metadata') : undefined;
  const whole =
    metadata &&
    textAt(metadata, 'name') !== undefined &&
    textAt(metadata, 'uid') !== undefined &&
    textAt(metadata, 'resourceVersion') !== undefined;
  if (!whole) throw new Fault('Garbled', { text: 'an object without a name, uid or version' });
  return value as KubeObject;
}

export interface Guard {
  readonly signal: AbortSignal;
  /** Said of a stream that was open: no answer at all is another fault. */
  readonly fellSilent: boolean;
  /** When the stream opens, and at each event: bytes that complete nothing count as silence. */
  hear(): void;
  end(): void;
}

export interface StreamLimits {
  readonly lifeMs: number;
  /** Asked each time, since a stream may be silent for longer once it has told what there is. */
  readonly silenceMs: () => number;
}

/** Ends a stream that falls silent or outlives its time: a half-open connection ends by itself never. */
export function guardStream(outer: AbortSignal, time: Time, limits: StreamLimits): Guard {
  const ending = new AbortController();
  const over = new AbortController();
  const openedAt = time.now();
  let heardAt = openedAt;
  let isOpen = false;
  let fellSilent = false;

  async function keep(): Promise<void> {
    while (!over.signal.aborted) {
      const silenceLeft = heardAt + limits.silenceMs() - time.now();
      const left = Math.min(silenceLeft, openedAt + limits.lifeMs - time.now());
      if (left > 0) {
        await time.wait(left, over.signal);
      } else {
        fellSilent = isOpen && silenceLeft <= 0;
        ending.abort(new Fault('TimedOut', { text: 'on a stream' }));
        return;
      }
    }
  }

  const stop = () => ending.abort(new Fault('Cancelled'));
  if (outer.aborted) stop();
  else outer.addEventListener('abort', stop, { once: true });
  void keep();
  return {
    signal: ending.signal,
    get fellSilent() {
      return fellSilent;
    },
    hear: () => {
      isOpen = true;
      heardAt = time.now();
    },
    end: () => {
      over.abort();
      outer.removeEventListener('abort', stop);
    },
  };
}

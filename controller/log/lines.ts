import { isObject } from '../../domain/json.ts';

export interface Entry {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type Format = 'json' | 'text';

export const formats: Readonly<Record<Format, (entry: Entry) => string>> = { json, text };

/** For machines. The three names that every line has cannot be taken by a field. */
function json({ level, message, fields, at }: Entry): string {
  const fixed = { ts: new Date(at).toISOString(), level, msg: message };
  return JSON.stringify({ ...fixed, ...fields, ...fixed });
}

/** For people at a terminal: the message first, then its fields, all on one line. */
function text({ level, message, fields, at }: Entry): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${brief(value)}`);
  return [time, level.padEnd(5), message, ...shown].join(' ');
}

function brief(value: unknown): string {
  if (isThrown(value)) return quoted(story(value));
  return typeof value === 'string' ? quoted(value) : (JSON.stringify(value) ?? '');
}

interface Thrown {
  readonly type: string;
  readonly message: string;
  readonly cause?: unknown;
}

const isThrown = (value: unknown): value is Thrown =>
  isObject(value) && typeof value['message'] === 'string' && typeof value['stack'] === 'string';

/** An error and what led to it; the stack is in the JSON. */
function story({ type, message, cause }: Thrown): string {
  const told = `${type}: ${message}`;
  if (isThrown(cause)) return `${told} < ${story(cause)}`;
  return cause === undefined ? told : `${told} < ${JSON.stringify(cause)}`;
}

const quoted = (value: string) => (/^[\w./:@%+-]+$/.test(value) ? value : JSON.stringify(value));

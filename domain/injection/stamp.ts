import { hash } from 'node:crypto';
import { isObject, type Json } from '../json.ts';
import type { Reason } from '../reasons.ts';

/** What was asked of us and what we filled in, as two digests of 16 hexadecimal digits. */
export interface Stamp {
  readonly asked: string;
  readonly defaults: string;
}

export function digest(value: Json): string {
  return hash('sha256', canonical(value), 'hex').slice(0, 16);
}

/** JSON with the keys in order, so that equal content gives equal text. */
export function canonical(value: Json): string {
  if (isObject(value)) {
    const members = Object.keys(value)
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
    return `{${members.join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item as Json)).join(',')}]`;
  return JSON.stringify(value);
}

export function writeInjected({ asked, defaults }: Stamp): string {
  return `v1.${asked}.${defaults}`;
}

export function writeDeclined({ asked, defaults }: Stamp, reason: Reason): string {
  return `v1.${asked}.${defaults}.${reason}`;
}

export interface Mark extends Stamp {
  /** Only on a pod that was declined; a reason of an older or newer release may be unknown here. */
  readonly reason?: string;
}

/** Reads either mark; whatever else stands in the annotation is no mark of ours. */
export function readMark(text: string): Mark | undefined {
  const found = /^v1\.(?<asked>[0-9a-f]{16})\.(?<defaults>[0-9a-f]{16})(?:\.(?<reason>\w+))?$/.exec(
    text,
  );
  const { asked, defaults, reason } = found?.groups ?? {};
  if (asked === undefined || defaults === undefined) return undefined;
  return reason === undefined ? { asked, defaults } : { asked, defaults, reason };
}

import { hash } from 'node:crypto';
import { isObject } from '../json.ts';
import type { Reason } from '../reasons.ts';

/** What was asked of us and what we filled in, as two digests of 16 hexadecimal digits. */
export interface Stamp {
  readonly asked: string;
  readonly defaults: string;
}

export function digest(value: unknown): string {
  return hash('sha256', canonical(value), 'hex').slice(0, 16);
}

/** JSON with the keys in order and without what is undefined, so that equal content gives equal text. */
export function canonical(value: unknown): string {
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += (text && ',') + canonical(item);
    return `[${text}]`;
  }
  if (!isObject(value)) return JSON.stringify(value ?? null);
  for (const key of Object.keys(value).toSorted()) {
    if (value[key] !== undefined)
      text += `${text && ','}${JSON.stringify(key)}:${canonical(value[key])}`;
  }
  return `{${text}}`;
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

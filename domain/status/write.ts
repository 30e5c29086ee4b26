import { isObject, listAt, member, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import { statusJson, type InstrumentationStatus } from './status.ts';

/**
 * A merge patch of the status, and whether it may wait for others to join it: what the next plan
 * reads, and what somebody may be waiting for, may not.
 */
export type StatusWrite =
  | { readonly kind: 'none' }
  | { readonly kind: 'now' | 'soon'; readonly patch: JsonObject };

export function writeOf(before: JsonObject, wanted: InstrumentationStatus): StatusWrite {
  const status = statusJson(wanted);
  // What is not of our making stays as it is.
  const { upgradeBlockedVersions: _theirs, ...ours } = before;
  if (isEqual(ours, status)) return { kind: 'none' };
  const kind = isUrgent(ours, status) ? 'now' : 'soon';
  return { kind, patch: { status: mergePatch(ours, status) } };
}

const isUrgent = (before: JsonObject, after: JsonObject): boolean =>
  ['breaker', 'settings', 'observedGeneration'].some((key) => isChanged(before, after, key)) ||
  !isEqual(transitions(before), transitions(after));

const isChanged = (before: JsonObject, after: JsonObject, key: string) =>
  !isEqual(member(before, key), member(after, key));

const transitions = (status: JsonObject): readonly Json[] =>
  (listAt(status, 'conditions') ?? [])
    .filter(isObject)
    .map((condition) => [textAt(condition, 'type') ?? null, textAt(condition, 'status') ?? null]);

/** It runs in each round, so it makes nothing. */
export function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length && keys.every((key) => isEqual(one[key], other[key]))
  );
}

/** Only what differs; what is no longer there is null. */
function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(before)) if (!(key in after)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    if (!isChanged(before, after, key)) continue;
    const inner = objectAt(before, key);
    patch[key] = inner && isObject(value) ? mergePatch(inner, value) : value;
  }
  return patch;
}

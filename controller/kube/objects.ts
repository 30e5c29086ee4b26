import { objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import type { Client } from './client.ts';
import { faultOf } from './fault.ts';
import type { KubeObject, Place, Resource } from './resource.ts';

/** What an Event is about, or relates to. */
export type Reference = JsonObject & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
};

export interface KubeEvent {
  /** Derived from what happened, so that the same thing told twice is one Event. Never generated. */
  readonly name: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly regarding: Reference;
  readonly related?: Reference | undefined;
  readonly at: number;
}

/** Who tells: a qualified name, and which of its processes. */
export interface Reporter {
  readonly controller: string;
  readonly instance: string;
}

const events: Resource = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  namespaced: true,
};

/** Nothing depends on an Event, so it lets all else pass and has time for that. */
const unhurried = { priority: 'spare', deadlineMs: 60_000 } as const;

/** Tells it once: false when it had been told before, be it by a former leader. */
export async function tellEvent(
  client: Client,
  event: KubeEvent,
  reporter: Reporter,
): Promise<boolean> {
  const namespace = namespaceOf(event);
  try {
    await client.create({ resource: events, namespace }, bodyOf(event, reporter), unhurried);
    return true;
  } catch (error) {
    if (faultOf(error).key === 'AlreadyExists') return false;
    throw error;
  }
}

/** Says that it happened again. A series begins with the second time, and nothing else can be changed. */
export async function repeatEvent(
  client: Client,
  event: Pick<KubeEvent, 'name' | 'regarding'>,
  { count, at }: { readonly count: number; readonly at: number },
): Promise<void> {
  const series = { count: Math.max(2, count), lastObservedTime: microTime(at) };
  const place = { resource: events, namespace: namespaceOf(event), name: event.name };
  await client.mergePatch(place, { series }, unhurried);
}

/** An Event lives where its object lives; what is in no namespace is told in `default`. */
const namespaceOf = ({ regarding }: Pick<KubeEvent, 'regarding'>) =>
  regarding.namespace ?? 'default';

function bodyOf(event: KubeEvent, { controller, instance }: Reporter): JsonObject {
  const { name, type, regarding, related } = event;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace: namespaceOf(event) },
    type,
    reason: cut(event.reason, 128),
    action: cut(event.action, 128),
    note: cut(event.note, 1_024),
    regarding,
    ...(related ? { related } : {}),
    eventTime: microTime(event.at),
    reportingController: controller,
    reportingInstance: cut(instance, 128),
  };
}

/** The server counts bytes, so they are what is counted here; no character is cut in two. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const kept = Buffer.from(text).subarray(0, bytes - 3);
  return `${new TextDecoder().decode(kept, { stream: true })}…`;
}

export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  namespaced: true,
};

/** What a Lease says. The text is there to be compared: any difference is a sign of life. */
export interface LeaseRecord {
  readonly holder: string;
  readonly term: number;
  readonly leaseMs: number;
  readonly text: string;
  readonly version: string;
}

export function leaseRecord(lease: KubeObject): LeaseRecord {
  const spec = objectAt(lease, 'spec') ?? {};
  return {
    holder: textAt(spec, 'holderIdentity') ?? '',
    term: Number(spec['leaseTransitions'] ?? 0),
    leaseMs: Number(spec['leaseDurationSeconds'] ?? 15) * 1_000,
    text: JSON.stringify(spec),
    version: lease.metadata.resourceVersion,
  };
}

export interface Hold {
  readonly holder: string;
  readonly leaseMs: number;
  readonly at: number;
  /** When the lease is taken, not when it is renewed. */
  readonly term?: number | undefined;
}

/** The times are for people to read: no one decides by them. */
export function leaseSpec({ holder, leaseMs, at, term }: Hold): JsonObject {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(leaseMs / 1_000),
    renewTime: microTime(at),
    ...(term === undefined ? {} : { acquireTime: microTime(at), leaseTransitions: term }),
  };
}

export const leaseBody = ({ namespace, name }: Place, spec: JsonObject): JsonObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { namespace: namespace ?? '', name: name ?? '' },
  spec,
});

/** The API takes exactly six digits of a second: neither three nor none. */
export const microTime = (wall: number): string =>
  new Date(wall).toISOString().replace('Z', '000Z');

import { isObject, listAt, objectAt, type JsonObject } from '../../json.ts';
import {
  annotationsOf,
  identityOf,
  labelsOf,
  metadataOf,
  secondsAt,
  type Identity,
  type Seconds,
} from './metadata.ts';

/** What a namespace says to all that is in it. */
export interface Namespace extends Identity {
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
  /** When somebody last wrote annotations that ask for instrumentation, as far as is recorded. */
  readonly askedAt: Seconds | undefined;
}

export function readNamespace(json: unknown): Namespace | undefined {
  const metadata = metadataOf(json);
  return (
    metadata && {
      ...identityOf(metadata),
      labels: labelsOf(metadata),
      annotations: annotationsOf(metadata),
      askedAt: askedAt(metadata),
    }
  );
}

function askedAt(metadata: JsonObject): Seconds | undefined {
  const entries = (listAt(metadata, 'managedFields') ?? []).filter(isObject).filter(asks);
  const times = entries.flatMap((entry) => secondsAt(entry, 'time') ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function asks(entry: JsonObject): boolean {
  const fields = objectAt(objectAt(entry, 'fieldsV1') ?? {}, 'f:metadata');
  const annotations = Object.keys(objectAt(fields ?? {}, 'f:annotations') ?? {});
  return annotations.some((key) => key.startsWith('f:instrumentation.opentelemetry.io/'));
}

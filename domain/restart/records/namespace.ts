import type { JsonObject } from '../../json.ts';
import { annotationsOf, identityOf, labelsOf, metadataOf, type Identity } from './metadata.ts';

/** What a namespace says to all that is in it. */
export interface Namespace extends Identity {
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
}

export function readNamespace(json: unknown): Namespace | undefined {
  const metadata = metadataOf(json);
  return (
    metadata && {
      ...identityOf(metadata),
      labels: labelsOf(metadata),
      annotations: annotationsOf(metadata),
    }
  );
}

import { identityOf, metadataOf, ownerOf, type Identity, type Owner } from './metadata.ts';

/** Kept to know whose pods are whose: a Job is never restarted. */
export interface Job extends Identity {
  readonly owner: Owner | undefined;
}

export function readJob(json: unknown): Job | undefined {
  const metadata = metadataOf(json);
  return metadata && { ...identityOf(metadata), owner: ownerOf(metadata) };
}

import type { Json } from '../api.ts';
import type { Kind } from './kinds.ts';
import { badOption } from './refusals.ts';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What somebody asks, however it came here. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly user: User;
  readonly userAgent: string;
  readonly accept: string;
  /** The content type of the body. */
  readonly type: string;
  readonly body: Json | undefined;
  /** What the client is told beside the answer. */
  readonly warnings: string[];
}

/** What a call is about; without a name, all objects of the kind; without a namespace, in all of them. */
export interface Target {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface WriteOptions {
  readonly isDryRun: boolean;
  readonly manager: string;
  readonly validation: string;
}

export function writeOptionsOf({ url, userAgent }: Call): WriteOptions {
  const [dryRun] = url.searchParams.getAll('dryRun');
  if ((dryRun ?? 'All') !== 'All') throw badOption(`dryRun: Unsupported value: "${dryRun}"`);
  const manager = url.searchParams.get('fieldManager') ?? (userAgent.split('/')[0] || 'unknown');
  const validation = url.searchParams.get('fieldValidation') ?? 'Warn';
  return { isDryRun: dryRun !== undefined, manager, validation };
}

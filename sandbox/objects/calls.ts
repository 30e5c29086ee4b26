import type { Json } from '../api.ts';
import type { Thing } from './json.ts';
import type { Kind } from './kinds.ts';
import { badOption } from './refusals.ts';

export interface User {
  readonly name: string;
  readonly uid?: string;
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
  readonly dryRun: boolean;
  readonly manager: string;
  readonly validation: 'Strict' | 'Warn' | 'Ignore';
}

export function writeOptionsOf({ url: { searchParams: query }, userAgent, method }: Call): WriteOptions {
  const kind = method === 'PATCH' ? 'PatchOptions' : method === 'PUT' ? 'UpdateOptions' : 'CreateOptions';
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All'))
    throw badOption(kind, 'dryRun', `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`);
  const manager = query.get('fieldManager') ?? (userAgent.split('/')[0] || 'unknown');
  if (manager.length > 128) throw badOption(kind, 'fieldManager', 'Too long: may not be more than 128 bytes');
  const validation = query.get('fieldValidation') || 'Warn';
  if (validation !== 'Strict' && validation !== 'Warn' && validation !== 'Ignore')
    throw badOption(kind, 'fieldValidation', `Unsupported value: "${validation}": supported values: "Ignore", "Warn", "Strict"`);
  return { dryRun: dryRun.length > 0, manager, validation };
}

export const isAt = ({ namespace }: Target, { metadata }: Thing) => namespace === '' || metadata.namespace === namespace;

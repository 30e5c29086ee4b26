import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject, type Json } from '../../domain/json.ts';
import { findSource } from '../cluster/binaries.ts';
import { placeOf } from './tools.ts';

export interface Manifest extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string };
}

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const maxBuffer = 64 * 1024 * 1024;

/** What `kubectl apply -k` applies, as text. */
export async function kustomized(folder: string): Promise<string> {
  const source = await findSource(process.env);
  if (source.kind === 'missing') throw new Error(source.remedy);
  const { stdout } = await run(source.kubectl, ['kustomize', resolve(root, folder)], { maxBuffer });
  return stdout;
}

/** What Helm installs for these values, as text. */
export async function charted(
  tool: 'helm3' | 'helm4',
  values: JsonObject,
  namespace = 'otel-retrofit',
): Promise<string> {
  const chart = join(root, 'config/helm');
  const args = ['template', 'otel-retrofit', chart, '--namespace', namespace];
  // A Helm that was not built for a release takes an old Kubernetes for granted.
  const words = [...args, '--kube-version', '1.36.0', '--values', '-'];
  const running = run(placeOf(tool), words, { maxBuffer });
  running.child.stdin?.end(JSON.stringify(values));
  return (await running).stdout;
}

export const parsed = (text: string): readonly Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

export const nameOf = ({ kind, metadata: { namespace = '', name } }: Manifest): string =>
  `${kind} ${namespace}/${name}`;

/** Every key of a manifest, however deep. */
export function keysIn(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)]);
}

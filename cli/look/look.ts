import { createClient } from '../../controller/kube/client.ts';
import { Fault } from '../../controller/kube/fault.ts';
import { readKubeConfig } from '../../controller/kube/credentials.ts';
import { createTransport } from '../../controller/kube/transport.ts';
import { faults, type Entry } from '../../domain/faults.ts';
import type { Problem } from '../manifest/model.ts';
import { settingsFrom } from '../settings.ts';
import { answersOf, type Answer } from './answer.ts';
import { assess, assumptionsOf } from './assess.ts';
import { readDump } from './files.ts';
import { objectsIn, objectsOf, type Objects } from './objects.ts';

export interface LookOptions {
  /** Files and folders in place of a cluster. */
  readonly paths: readonly string[];
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** The settings of the installation. */
  readonly config: string | undefined;
}

export interface LookContext {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: () => Promise<Uint8Array>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type Looked =
  | { readonly kind: 'badInput'; readonly problems: readonly Problem[] }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] };

/** Judges a cluster, or what was written down of one, as the controller would. */
export async function look(options: LookOptions, context: LookContext): Promise<Looked> {
  const reading = await settingsFrom(options.config);
  if (reading.kind === 'unread') return { kind: 'badInput', problems: reading.problems };
  const found = await find(options, context);
  if ('problems' in found) return { kind: 'badInput', problems: found.problems };
  const assessment = assess(found.objects, assumptionsOf(reading.settings, context.now()));
  const answers = answersOf(assessment).filter(
    ({ namespace }) => options.namespace === undefined || namespace === options.namespace,
  );
  return { kind: 'answers', answers };
}

interface Failed {
  readonly problems: readonly Problem[];
}

async function find(
  { paths, kubeconfig, context }: LookOptions,
  { version, environment, stdin }: LookContext,
): Promise<{ objects: Objects } | Failed> {
  if (paths.length > 0) return fromFiles(paths, stdin);
  try {
    const choice = readKubeConfig({ file: kubeconfig, context });
    const transport = createTransport(choice, { version, environment });
    try {
      return { objects: await objectsIn(createClient(transport)) };
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { remedy }: Entry = faults[error.key];
    const file = kubeconfig ?? 'kubeconfig';
    return { problems: [{ file, sentence: error.message, ...(remedy && { remedy }) }] };
  }
}

async function fromFiles(
  paths: readonly string[],
  stdin: () => Promise<Uint8Array>,
): Promise<{ objects: Objects } | Failed> {
  const { items, problems } = await readDump(paths, stdin);
  return problems.length > 0 ? { problems } : { objects: objectsOf(items) };
}

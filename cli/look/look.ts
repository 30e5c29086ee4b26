import type { Problem } from '../manifest/model.ts';
import { settingsFrom } from '../settings.ts';
import { answersOf, type Answer } from './answer.ts';
import { assess, assumptionsOf, type Assumptions, type Decide } from './assess.ts';
import type { LookAsked } from './command.ts';
import { readDump } from './files.ts';
import { unreadFor, type Unread } from './live/unread.ts';
import { objectsOf } from './objects.ts';
import { recordsOf, type Records } from './records.ts';

export interface LookContext {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: () => Promise<Uint8Array>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type Looked =
  | { readonly kind: 'badInput'; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'answers';
      readonly answers: readonly Answer[];
      readonly unread: readonly Unread[];
    };

/** Judges a cluster, or what was written down of one, as the controller would. */
export async function look(asked: LookAsked, context: LookContext): Promise<Looked> {
  const { options } = asked;
  const reading = await settingsFrom(options.config);
  if (reading.kind === 'unread') return { kind: 'badInput', problems: reading.problems };
  const { settings } = reading;
  const assumptions = assumptionsOf(settings, context.now());
  const found =
    options.paths.length > 0
      ? await fromFiles(options.paths, context.stdin)
      : await fromCluster(asked, context, assumptions);
  if ('problems' in found) return { kind: 'badInput', problems: found.problems };
  const assessment = assess(found.records, assumptions, found.decide);
  const answers = answersOf(assessment).filter(
    ({ namespace }) => options.namespace === undefined || namespace === options.namespace,
  );
  const unread = unreadFor(answers, found.records.unread, settings.namespace);
  return { kind: 'answers', answers, unread };
}

interface Read {
  readonly records: Records;
  /** Where it was found out on the way. */
  readonly decide?: Decide;
}

interface Failed {
  readonly problems: readonly Problem[];
}

/**
 * What is so in a namespace can be told from that namespace. What comes next cannot, for others have
 * their part in the limits and in the order.
 */
async function fromCluster(
  { kind, options, form }: LookAsked,
  context: LookContext,
  assumptions: Assumptions,
): Promise<Read | Failed> {
  const { inCluster, isForbidden } = await import('./live/reach.ts');
  const { recordsIn, recordsOfNamespace } = await import('./live/cluster.ts');
  const { namespace } = options;
  return inCluster(options, context, async (client) => {
    const whole = (): Promise<Read> => recordsIn(client, assumptions, form !== 'table');
    if (namespace === undefined) return whole();
    const part = async (): Promise<Read> => ({
      records: await recordsOfNamespace(client, namespace, assumptions.rules.home.name),
    });
    if (kind === 'status') return part();
    return whole().catch((error: unknown) => {
      if (!isForbidden(error)) throw error;
      return part();
    });
  });
}

async function fromFiles(
  paths: readonly string[],
  stdin: () => Promise<Uint8Array>,
): Promise<Read | Failed> {
  const { items, problems } = await readDump(paths, stdin);
  return problems.length > 0 ? { problems } : { records: recordsOf(objectsOf(items)) };
}

import { reasons } from '../../domain/reasons.ts';
import type { Plan } from '../../domain/restart/plan.ts';
import type { Judgement, Verdict } from '../../domain/restart/verdict.ts';
import { headOf, lastWord, rowOf } from './rows.ts';
import type { Sources } from './sight.ts';

/** What the page shows, and what has changed of it since any recent version. */
export interface Board {
  readonly version: string;
  /** Looks again. Gives the change that came of it, as the text of a `Delta`. */
  refresh(): Change | undefined;
  /** The text of an `Overview`. */
  overview(): string;
  /** What has changed since, in turn; nothing where that is too long ago, or was too much. */
  after(version: string): readonly Change[] | undefined;
  /** The text of a `Delta` without rows. */
  beat(): string;
}

export interface Change {
  readonly version: string;
  /** None where so much has changed that it is shorter to read it all again. */
  readonly text: string | undefined;
}

/** The text of a `Row`, by the key of its workload. */
type Shown = ReadonlyMap<string, string>;

const keptChanges = 60;
const mostRows = 1_000;

const summaries = JSON.stringify(
  Object.fromEntries(Object.entries(reasons).map(([key, { summary }]) => [key, summary])),
);

/** Versions of another process mean nothing here, so each has an epoch of its own. */
export function createBoard(sources: Sources, epoch: string): Board {
  const { sight, now } = sources;
  const show = createWriter();
  let shown: Shown = new Map();
  let head = '';
  let count = 0;
  let changes: readonly Change[] = [];
  const versionOf = (number: number) => `${epoch}.${number}`;

  function refresh(): Change | undefined {
    const seen = sight();
    const next: Shown = seen.kind === 'leading' ? show(seen.judgements, seen.plan) : new Map();
    const said = JSON.stringify(headOf(seen));
    const rows = [...next].filter(([key, text]) => text !== shown.get(key));
    const gone = [...shown.keys()].filter((key) => !next.has(key));
    const isSame = rows.length + gone.length === 0 && said === head;
    shown = next;
    head = said;
    if (isSame) return undefined;
    count += 1;
    const texts = rows.map(([, text]) => text);
    const text = rows.length + gone.length > mostRows ? undefined : delta(texts, gone);
    const change = { version: versionOf(count), text };
    changes = [...changes.slice(1 - keptChanges), change];
    return change;
  }

  const delta = (rows: readonly string[], gone: readonly string[]) =>
    `{"now":${now()},"head":${head},"rows":[${rows.join()}],"gone":${JSON.stringify(gone)}}`;

  return {
    get version() {
      return versionOf(count);
    },
    refresh,
    beat: () => delta([], []),
    overview: () => {
      const rows = [...shown.values()].join();
      const version = versionOf(count);
      return `{"version":"${version}","now":${now()},"head":${head},"reasons":${summaries},"rows":[${rows}]}`;
    },
    after: (version) => {
      const missed = missedSince(version, epoch, count);
      if (missed === undefined || missed > changes.length) return undefined;
      const list = missed === 0 ? [] : changes.slice(-missed);
      return list.some(({ text }) => text === undefined) ? undefined : list;
    },
  };
}

interface Written {
  readonly verdict: Verdict;
  readonly text: string;
}

/**
 * Most workloads are as they were at the last look, and are written down only once. What the loop
 * has let go of is not kept for that.
 */
function createWriter(): (judgements: ReadonlyMap<string, Judgement>, plan: Plan) => Shown {
  const written = new WeakMap<Judgement, Written>();
  const write = (judgement: Judgement, plan: Plan): string => {
    const verdict = lastWord(judgement, plan);
    const last = written.get(judgement);
    if (last?.verdict === verdict) return last.text;
    const text = JSON.stringify(rowOf(judgement, verdict));
    written.set(judgement, { verdict, text });
    return text;
  };
  return (judgements, plan) =>
    new Map([...judgements].map(([key, judgement]) => [key, write(judgement, plan)]));
}

function missedSince(version: string, epoch: string, count: number): number | undefined {
  const [of, number = ''] = version.split('.');
  if (of !== epoch || !/^\d{1,12}$/.test(number)) return undefined;
  const missed = count - Number(number);
  return missed < 0 ? undefined : missed;
}

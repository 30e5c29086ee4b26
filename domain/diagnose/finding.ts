import type { Reason } from '../reasons.ts';
import type { WorkloadName } from '../restart/records/workload.ts';
import { levels, rankOf, rowOf, type FindingKey, type Level } from './checks.ts';

/** Something that was found, and what to do about it. Members may be added, never renamed. */
export interface Finding {
  readonly check: FindingKey;
  readonly level: Level;
  /** As `Kind/namespace/name`, or `Kind/name` of what lies in no namespace. */
  readonly about: string;
  /** The name, value or place that it is about. */
  readonly detail: string | undefined;
  readonly sentence: string;
  readonly remedy: string | undefined;
  readonly docs: string;
  /** Those that suffer by it, by their keys; absent where all do. */
  readonly workloads: readonly string[] | undefined;
}

export interface Circumstances {
  readonly detail?: string | undefined;
  readonly workloads?: readonly string[];
  /** In place of what the table advises, where more is known. */
  readonly remedy?: string | undefined;
  /** What stands for the words in angle brackets. */
  readonly words?: Readonly<Record<string, string>>;
}

export function finding(
  check: FindingKey,
  about: string,
  { detail, workloads, remedy, words = {} }: Circumstances = {},
): Finding {
  const row = rowOf(check);
  const advice = (remedy ?? row.remedy)?.replaceAll(
    /<(?<word>\w+)>/g,
    (found, word: string) => words[word] ?? found,
  );
  return {
    check,
    level: row.level,
    about,
    detail,
    sentence: row.sentence,
    remedy: advice,
    docs: row.docs,
    workloads,
  };
}

/** What the angle brackets of a remedy stand for when it is about one workload. */
export const wordsFor = ({ kind, namespace, name }: WorkloadName) => ({
  kind: kind.toLowerCase(),
  namespace,
  name,
});

/** The likely cause first; each thing once, with all who suffer by it. */
export function sorted(findings: readonly Finding[]): readonly Finding[] {
  const alike = Map.groupBy(findings, (one) => `${one.check} ${one.about} ${one.detail ?? ''}`);
  return [...alike.values()]
    .flatMap(([first, ...others]) =>
      first === undefined ? [] : { ...first, workloads: sufferersOf([first, ...others]) },
    )
    .toSorted(
      (one, other) =>
        levels.indexOf(one.level) - levels.indexOf(other.level) ||
        rankOf(one.check) - rankOf(other.check) ||
        compare(one.about, other.about) ||
        compare(one.detail ?? '', other.detail ?? ''),
    );
}

function sufferersOf(alike: readonly Finding[]): Finding['workloads'] {
  const each = alike.map(({ workloads }) => workloads);
  return each.every((some) => some !== undefined) ? [...new Set(each.flat())] : undefined;
}

const compare = (one: string, other: string) => (one < other ? -1 : Number(one > other));

export const isTrouble = ({ level }: Finding): boolean => level !== 'note';

/** The reasons whose remedy names an Instrumentation, so that a name can be proposed. */
export const namesOne: ReadonlySet<Reason> = new Set<Reason>([
  'NoInstrumentation',
  'SeveralInstrumentationsSelect',
  'InstrumentationNotFound',
]);

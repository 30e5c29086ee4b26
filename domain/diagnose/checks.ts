import { reasons, type Entry, type Outcome, type Reason } from '../reasons.ts';
import { deliveryChecks } from './checks/delivery.ts';
import { installationChecks } from './checks/installation.ts';
import { behaviourChecks, podChecks, requestChecks } from './checks/workload.ts';

export const levels = ['error', 'warning', 'note'] as const;

export type Level = (typeof levels)[number];

/** One thing that can be wrong. */
export interface Check {
  readonly level: Level;
  /** What is so, in the present tense and without names. */
  readonly sentence: string;
  /** What to do; what stands in angle brackets is filled in where it is known. */
  readonly remedy: string;
}

/**
 * Everything that is looked for beside the reasons of single decisions, in the order in which a cause
 * precedes its effects: of two findings of one level the earlier is the likelier cause.
 */
export const checks = {
  ...installationChecks,
  ...requestChecks,
  ...podChecks,
  ...deliveryChecks,
  ...behaviourChecks,
} as const satisfies Readonly<Record<string, Check>>;

export type CheckKey = keyof typeof checks;

/** A finding is of a check, or it is the reason of a decision that was taken. */
export type FindingKey = CheckKey | Reason;

const levelOfOutcome: Readonly<Record<Outcome, Level>> = {
  exempt: 'note',
  refused: 'error',
  stuck: 'error',
  held: 'warning',
  behind: 'warning',
  noted: 'warning',
  waiting: 'note',
};

/** What may be so and may as well not is no warning. */
const uncertain: ReadonlySet<FindingKey> = new Set<FindingKey>([
  'HiddenEnvironment',
  'InstrumentationUnreadable',
]);

interface Row {
  readonly level: Level;
  readonly sentence: string;
  readonly remedy: string | undefined;
  /** The page of the documentation, and the heading on it. */
  readonly docs: string;
}

export function rowOf(key: FindingKey): Row {
  if (isCheck(key)) {
    return { ...checks[key], docs: `docs/guides/troubleshooting.md#${key.toLowerCase()}` };
  }
  const { outcome, summary: sentence, remedy }: Entry = reasons[key];
  const level = uncertain.has(key) ? 'note' : levelOfOutcome[outcome];
  return { level, sentence, remedy, docs: `docs/reference/reasons.md#${key.toLowerCase()}` };
}

export const isCheck = (key: FindingKey): key is CheckKey => Object.hasOwn(checks, key);

/** What was decided comes after what led to it, and before what follows from it. */
const order: readonly FindingKey[] = [
  ...keysOf(installationChecks),
  ...keysOf(requestChecks),
  'InjectedTemplate',
  'InstrumentationAppliedLate',
  ...keysOf(podChecks),
  ...keysOf(reasons),
  ...keysOf(deliveryChecks),
  ...keysOf(behaviourChecks),
];

const ranks: ReadonlyMap<FindingKey, number> = new Map(
  order.toReversed().map((key, index) => [key, order.length - index]),
);

export const rankOf = (key: FindingKey): number => ranks.get(key) ?? order.length;

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table) as K[];
}

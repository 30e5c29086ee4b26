import { objectAt } from '../../json.ts';
import { reasons, type Entry, type Reason } from '../../reasons.ts';
import { workloadReasons } from '../../reasons/restart.ts';
import type { Judgement, Verdict } from '../verdict.ts';
import { resumedIn } from './policy.ts';
import { hasPodsRefused } from './sickness.ts';

/** What is told to people about one workload. */
export interface Advice {
  readonly summary: string;
  /** With the command or annotation to copy; absent when nothing needs doing. */
  readonly remedy: string | undefined;
}

export type Advised = Pick<Judgement, 'workload' | 'attempt' | 'wanted'>;

/** Explains a verdict, be it the judge's or the plan's; nothing is said of what is as it should be. */
export function adviceOn(advised: Advised, verdict: Verdict): Advice | undefined {
  if (verdict.kind === 'current') return undefined;
  const { reason } = verdict;
  const { summary, remedy } = entryOf(reason);
  // What is said of pods names Instrumentations in the same way.
  if (!Object.hasOwn(workloadReasons, reason)) return refusal({ summary, remedy }, reason, advised);
  const isUnborn = mayBeUnborn.has(reason) && hasPodsRefused(advised.workload);
  const whole = isUnborn && remedy ? `${refusedBirth} ${remedy}` : remedy;
  return { summary, remedy: whole && addressed(whole, advised) };
}

/** Pods that are not ready may be none at all. */
const mayBeUnborn: ReadonlySet<Reason> = new Set<Reason>([
  'RestartFailed',
  'RolloutInProgress',
  'AlreadySick',
]);

const refusedBirth =
  'The API server refuses its new pods: `kubectl describe <kind>/<name> -n <namespace>` says why.';

const entryOf = (reason: Reason): Entry => reasons[reason];

/** Commands are written for any workload; a person copies them for this one. */
export function addressed(text: string, { workload, attempt, wanted }: Advised): string {
  const { kind, namespace, name, template, annotations } = workload;
  const labels = Object.entries(objectAt(objectAt(template, 'metadata') ?? {}, 'labels') ?? {});
  // A number that is resumed to already forgives nothing that comes after it.
  const next = Math.max(attempt.lastNumber, resumedIn(annotations)) + 1;
  const values: Readonly<Record<string, string>> = {
    '<kind>': kind.toLowerCase(),
    '<name>': name,
    '<namespace>': namespace,
    '<number>': String(attempt.lastNumber),
    '<next>': String(next),
  };
  const asked = wanted.kind === 'nothing' ? [] : wanted.instrumentations;
  const filled = repeated(text, command, asked.map(instrumentationIn));
  return repeated(filled, optOut, languagesOf(wanted).map(languageIn))
    .replace(' -l <labels>', labels.length === 0 ? '' : ` -l ${labels.map(equation).join(',')}`)
    .replaceAll(/<\w+>/g, (found) => values[found] ?? found);
}

interface Part {
  readonly pattern: RegExp;
  readonly glue: string;
}

/** One for each Instrumentation. */
const command: Part = { pattern: /`[^`]*<instrumentation>[^`]*`/g, glue: ' and ' };

/** One for each language. */
const optOut: Part = { pattern: /"[^"]*<language>":"false"/g, glue: ',' };

/** A part of the text as often as there is something to fill in; as it was, where there is nothing. */
function repeated(
  text: string,
  { pattern, glue }: Part,
  fillings: readonly ((part: string) => string)[],
): string {
  if (fillings.length === 0) return text;
  return text.replaceAll(pattern, (part) => fillings.map((fill) => fill(part)).join(glue));
}

function instrumentationIn(key: string) {
  const [library = '', name = ''] = key.split('/');
  return (part: string) =>
    part.replaceAll('<instrumentation>', name).replaceAll('<library>', library);
}

const languageIn = (language: string) => (part: string) => part.replaceAll('<language>', language);

function languagesOf(wanted: Judgement['wanted']): readonly string[] {
  if (wanted.kind === 'nothing') return [];
  if (wanted.kind === 'given') return wanted.languages;
  return [...new Set(wanted.refusals.map(({ language }) => language))];
}

const equation = ([key, value]: readonly [string, unknown]) => `${key}=${String(value)}`;

/** The names that are wrong, so that nobody has to look for them. */
function refusal({ summary, remedy }: Advice, reason: Reason, { wanted }: Advised): Advice {
  const refusals = wanted.kind === 'nothing' ? [] : wanted.refusals;
  const meant = refusals.filter((one) => one.reason === reason);
  const wrong = meant.map(({ language, container, detail }) =>
    [language, container, detail].filter((part) => part !== undefined && part !== '').join(' '),
  );
  const named = [...new Set(wrong)].join('; ').slice(0, longest);
  const [only, ...others] = new Set(meant.map(({ language }) => language));
  return {
    summary: named === '' ? summary : `${summary.replace(/\.$/, '')} (${named}).`,
    remedy:
      only === undefined || others.length > 0 ? remedy : remedy?.replaceAll('<language>', only),
  };
}

const longest = 200;

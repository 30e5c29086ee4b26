import {
  agentLanguages,
  type Instrumentation,
  type Language,
} from '../injection/instrumentation/settings.ts';
import { arrivalWarnings } from './arrival.ts';
import { endpointWarnings } from './endpoint.ts';
import { environmentWarnings, unjoinable } from './environment.ts';
import { samplerErrors, samplerWarnings } from './sampler.ts';
import { listed, subjectOf, type Problem, type Subject } from './subject.ts';
import { tlsWarnings } from './tls.ts';
import { deprecations, volumeErrors, volumeWarnings } from './volumes.ts';

export interface Validation {
  /** What the operator refuses too; nothing else is ever refused. */
  readonly errors: readonly Problem[];
  /** What will not work, the gravest first: ASCII, one line each, and never a value. */
  readonly warnings: readonly string[];
}

/** Looks at an Instrumentation beyond its schema. Whatever it is given, it answers. */
export function validate(json: unknown): Validation {
  const subject = subjectOf(json);
  if (subject === undefined) return { errors: [], warnings: [] };
  return {
    errors: [...samplerErrors(subject), ...volumeErrors(subject)],
    warnings: warningsOf(subject).slice(0, mostWarnings).map(presentable),
  };
}

/** The errors as one sentence, for the message of a refusal. */
export const explain = (errors: readonly Problem[]) =>
  errors.map(({ path, message }) => `${path} ${message}`).join('; ');

const mostWarnings = 20;
const longestWarning = 256;

const warningsOf = (subject: Subject): readonly string[] => [
  ...spoiling(subject.read),
  ...unjoinable(subject),
  ...endpointWarnings(subject),
  ...arrivalWarnings(subject),
  ...tlsWarnings(subject),
  ...samplerWarnings(subject),
  ...environmentWarnings(subject),
  ...volumeWarnings(subject),
  ...deprecations(subject),
];

/** Settings from which no valid pod can be made: injection leaves such pods as they are. */
function spoiling({ problems }: Instrumentation): readonly string[] {
  const spoilt = new Map<string, Language[]>();
  for (const language of ['sdk', ...agentLanguages] as const) {
    for (const problem of problems[language]) {
      spoilt.set(problem, [...(spoilt.get(problem) ?? []), language]);
    }
  }
  return [...spoilt].map(([problem, languages]) => `${told(problem)}; ${lost(languages)}`);
}

function lost(languages: readonly Language[]): string {
  const agents = languages.filter((language) => language !== 'sdk');
  if (agents.length === agentLanguages.length) return 'pods get no agent';
  return agents.length === 0 ? 'pods get no variables' : `pods get no agent for ${listed(agents)}`;
}

/** A path can hold a name that somebody made up, of any length. */
function told(problem: string): string {
  const end = problem.indexOf(': ');
  const path = problem.slice(0, end);
  return `${path.length > 100 ? `${path.slice(0, 97)}...` : path}${problem.slice(end)}`;
}

function presentable(warning: string): string {
  const line = warning.replaceAll('’', "'").replaceAll(/[^\x20-\x7e]/g, '?');
  return line.length > longestWarning ? `${line.slice(0, longestWarning - 3)}...` : line;
}

import {
  agentLanguages,
  specField,
  type AgentLanguage,
} from '../injection/instrumentation/settings.ts';
import { isObject, member, objectAt, type Json } from '../json.ts';
import type { Problem, Subject } from './subject.ts';

/** The two say different things about one volume. */
export function volumeErrors(subject: Subject): readonly Problem[] {
  return agentLanguages
    .filter((language) => hasLimit(subject, language) && hasTemplate(subject, language))
    .map((language) => ({
      path: `spec.${specField[language]}.volumeLimitSize`,
      message: `cannot stand beside spec.${specField[language]}.volumeClaimTemplate; keep one of the two`,
    }));
}

export function volumeWarnings(subject: Subject): readonly string[] {
  const idle = [
    ...(hasTemplate(subject, 'go') ? ['volumeClaimTemplate'] : []),
    ...(hasLimit(subject, 'go') ? ['volumeLimitSize'] : []),
  ];
  return idle.map((field) => `spec.go.${field}: has no effect; the agent for Go has no volume`);
}

/** One line for all of them: nothing needs doing. */
export function deprecations(subject: Subject): readonly string[] {
  const fields = agentLanguages
    .filter((language) => language !== 'go' && hasLimit(subject, language))
    .map((language) => `spec.${specField[language]}.volumeLimitSize`);
  const [first, ...others] = fields;
  if (first === undefined) return [];
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  return [`${which}: works and may stay; the OpenTelemetry Operator calls it deprecated`];
}

const sectionOf = ({ spec }: Subject, language: AgentLanguage) =>
  objectAt(spec, specField[language]) ?? {};

function hasLimit(subject: Subject, language: AgentLanguage): boolean {
  const limit = member(sectionOf(subject, language), 'volumeLimitSize');
  return typeof limit === 'string' || typeof limit === 'number';
}

const hasTemplate = (subject: Subject, language: AgentLanguage) =>
  saysSomething(member(sectionOf(subject, language), 'volumeClaimTemplate') ?? null);

/** The operator stores templates in which nothing is said, and takes them for none. */
function saysSomething(value: Json): boolean {
  if (isObject(value)) return Object.values(value).some(saysSomething);
  return value !== null && value !== '';
}

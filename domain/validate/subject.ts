import { isShallow } from '../injection/instrumentation/check.ts';
import { readInstrumentation } from '../injection/instrumentation/read.ts';
import {
  agentLanguages,
  specField,
  type AgentLanguage,
  type EnvEntry,
  type Instrumentation,
} from '../injection/instrumentation/settings.ts';
import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../json.ts';

/** Something that is refused. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** An Instrumentation as it is looked at, under the paths that its author knows. */
export interface Subject {
  readonly spec: JsonObject;
  readonly read: Instrumentation;
  /** The languages that it says something of its own about. */
  readonly meant: readonly AgentLanguage[];
  readonly env: readonly Variable[];
}

/** A variable where it is written; without a language it is for all of them. */
export interface Variable {
  readonly path: string;
  readonly language: AgentLanguage | undefined;
  readonly entry: EnvEntry;
}

const displayNames: Readonly<Record<AgentLanguage, string>> = {
  java: 'Java',
  nodejs: 'Node.js',
  python: 'Python',
  dotnet: '.NET',
  go: 'Go',
  'apache-httpd': 'Apache',
  nginx: 'Nginx',
};

export function subjectOf(json: unknown): Subject | undefined {
  if (!isObject(json)) return undefined;
  const metadata = objectAt(json, 'metadata') ?? {};
  // With generateName there is no name yet when a webhook is asked.
  const read = readInstrumentation({ ...json, metadata: { name: 'unnamed', ...named(metadata) } });
  if (read === undefined) return undefined;
  const given = objectAt(json, 'spec') ?? {};
  const spec = isShallow(given) ? given : {};
  const annotations = objectAt(metadata, 'annotations') ?? {};
  return {
    spec,
    read,
    meant: agentLanguages.filter((language) => isMeant(spec, annotations, language)),
    env: [
      ...variablesOf(read.shared.env, 'spec.env', undefined),
      ...agentLanguages.flatMap((language) =>
        variablesOf(read.agents[language].env, `spec.${specField[language]}.env`, language),
      ),
    ],
  };
}

const named = (metadata: JsonObject) => {
  const name = textAt(metadata, 'name');
  return name === undefined ? {} : { name };
};

const variablesOf = (
  entries: readonly EnvEntry[],
  path: string,
  language: AgentLanguage | undefined,
): readonly Variable[] =>
  entries.map((entry, index) => ({ path: `${path}[${index}]`, language, entry }));

/**
 * Whether somebody wrote the section of a language. The operator fills in the sections of all, and
 * leaves an annotation that tells its default image from one that was chosen.
 */
function isMeant(spec: JsonObject, annotations: JsonObject, language: AgentLanguage): boolean {
  const section = objectAt(spec, specField[language]);
  if (section === undefined) return false;
  const filledIn = textAt(
    annotations,
    `instrumentation.opentelemetry.io/default-auto-instrumentation-${language}-image`,
  );
  if (filledIn === undefined || textAt(section, 'image') !== filledIn) return true;
  return ['env', 'extensions', 'attrs'].some((list) => (listAt(section, list) ?? []).length > 0);
}

/** The value as it is written; nothing where it comes from elsewhere. */
export function plainValue({ entry }: Variable): string | undefined {
  const from = member(entry, 'valueFrom') ?? undefined;
  return from === undefined ? (textAt(entry, 'value') ?? '') : undefined;
}

/** The variables that containers with this agent get, those of the language first. */
export const variablesFor = ({ env }: Subject, language: AgentLanguage | undefined) => [
  ...env.filter((variable) => variable.language === language && language !== undefined),
  ...env.filter((variable) => variable.language === undefined),
];

export const isSet = (variables: readonly Variable[], name: string) =>
  variables.some(({ entry }) => entry.name === name);

/** `Java`, `Java and Go`, `Java, Go and .NET`. */
export function listed(languages: readonly AgentLanguage[]): string {
  const names = languages.map((language) => displayNames[language]);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

import {
  agentLanguages,
  specField,
  type AgentLanguage,
} from '../injection/instrumentation/settings.ts';
import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../json.ts';
import { listed, plainValue, type Subject, type Variable } from './subject.ts';

/** Variables that injection joins with what is there, and whose: an optional reference may turn out to be nothing. */
const joined: Readonly<Record<string, AgentLanguage>> = {
  JAVA_TOOL_OPTIONS: 'java',
  NODE_OPTIONS: 'nodejs',
  PYTHONPATH: 'python',
  DOTNET_STARTUP_HOOKS: 'dotnet',
  DOTNET_ADDITIONAL_DEPS: 'dotnet',
  DOTNET_SHARED_STORE: 'dotnet',
  LD_LIBRARY_PATH: 'nginx',
};

/** Their agents have set these before they look at what is said for all languages. */
const settledFirst = new Set(['PYTHONPATH', 'LD_LIBRARY_PATH']);

export function unjoinable({ env }: Subject): readonly string[] {
  return env
    .filter((variable) => isOptional(variable.entry) && isJoined(variable))
    .map(({ path, language, entry: { name } }) => {
      const owner = joined[name];
      const lost =
        language === undefined && owner !== undefined
          ? `no agent for ${listed([owner])}`
          : 'no agent';
      return `${path}: pods get ${lost} while ${name} comes from an optional reference`;
    });
}

function isJoined({ language, entry: { name } }: Variable): boolean {
  if (name === 'OTEL_RESOURCE_ATTRIBUTES') return true;
  if (!Object.hasOwn(joined, name)) return false;
  return language === undefined ? !settledFirst.has(name) : joined[name] === language;
}

function isOptional(entry: JsonObject): boolean {
  const from = objectAt(entry, 'valueFrom') ?? {};
  return Object.values(from).some((source) => isObject(source) && source['optional'] === true);
}

export function environmentWarnings(subject: Subject): readonly string[] {
  return [
    ...subject.env.flatMap((variable) => remarksOn(variable)),
    ...doubles(subject),
    ...propagators(subject),
    ...attributes(subject),
  ];
}

function remarksOn(variable: Variable): readonly string[] {
  const { path, entry } = variable;
  const value = plainValue(variable)?.trim().toLowerCase();
  if (/^otel\./i.test(entry.name))
    return [`${path}.name: agents read ${spelled(entry.name)}, not ${shortened(entry.name)}`];
  if (entry.name === 'OTEL_DOTNET_AUTO_HOME' && variable.language === 'dotnet')
    return [`${path}: pods get no agent while ${entry.name} says that it is there already`];
  if (entry.name === 'OTEL_SDK_DISABLED' && value === 'true')
    return [`${path}: OTEL_SDK_DISABLED switches the agents off`];
  if (entry.name === 'OTEL_JAVAAGENT_ENABLED' && value === 'false')
    return [`${path}: OTEL_JAVAAGENT_ENABLED switches the agent off`];
  if (entry.name === 'OTEL_SERVICE_NAME' && value !== undefined && !value.includes('$('))
    return [`${path}: OTEL_SERVICE_NAME gives all workloads the same name`];
  return [];
}

/** Java knows its settings by names with dots too, but not as variables. */
const spelled = (name: string) => shortened(name.toUpperCase().replaceAll(/[.-]/g, '_'));

const shortened = (name: string) => (name.length > 60 ? `${name.slice(0, 57)}...` : name);

function doubles({ env }: Subject): readonly string[] {
  const seen = new Set<string>();
  return env.flatMap(({ path, language, entry }) => {
    const key = `${language ?? ''} ${entry.name}`;
    const isSecond = seen.has(key);
    seen.add(key);
    return isSecond && entry.name !== ''
      ? [`${path}: ${shortened(entry.name)} stands in this list twice; the first one counts`]
      : [];
  });
}

function propagators({ read }: Subject): readonly string[] {
  const { propagators: formats } = read.shared;
  return formats.includes('none') && new Set(formats).size > 1
    ? ['spec.propagators: some agents do not start when none stands beside others']
    : [];
}

function attributes({ spec, read }: Subject): readonly string[] {
  const named = read.shared.resourceAttributes.some(([key]) => key === 'service.name');
  const idle = agentLanguages.flatMap((language) => {
    const path = `spec.${specField[language]}.attrs`;
    const attrs = listAt(objectAt(spec, specField[language]) ?? {}, 'attrs') ?? [];
    return attrs.flatMap((entry, index) => {
      const isReference = isObject(entry) && (member(entry, 'valueFrom') ?? null) !== null;
      return isReference && textAt(entry, 'value') === undefined
        ? [`${path}[${index}].valueFrom: is not used; a directive needs a value`]
        : [];
    });
  });
  return named
    ? [
        'spec.resource.resourceAttributes: service.name gives way to the name of the workload',
        ...idle,
      ]
    : idle;
}

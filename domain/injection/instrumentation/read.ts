import { posix } from 'node:path';
import {
  isObject,
  listAt,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../json.ts';
import { digest } from '../stamp.ts';
import {
  checkEnv,
  checkImage,
  checkResources,
  checkSecurityContext,
  checkTls,
  isShallow,
  type Report,
} from './check.ts';
import { checkClaim } from './claim.ts';
import { quantity } from './quantity.ts';
import {
  agentLanguages,
  languages,
  specField,
  type AgentLanguage,
  type AgentSettings,
  type EnvEntry,
  type ExporterTls,
  type Instrumentation,
  type Language,
  type SharedSettings,
  unusedFields,
} from './settings.ts';

/** Reads an Instrumentation once, when it arrives, so that admissions find settled values. */
export function readInstrumentation(json: unknown): Instrumentation | undefined {
  if (!isObject(json)) return undefined;
  const metadata = objectAt(json, 'metadata') ?? {};
  const name = textAt(metadata, 'name');
  if (name === undefined) return undefined;
  const given = objectAt(json, 'spec') ?? {};
  const tooDeep = !isShallow(given);
  const spec = tooDeep ? {} : given;

  const everywhere: string[] = tooDeep ? ['spec: is nested too deeply'] : [];
  const shared = readShared(spec, (path, problem) => everywhere.push(`${path}: ${problem}`));
  const problems: Partial<Record<Language, readonly string[]>> = {
    sdk: everywhere.filter((problem) => !isUnused(problem, 'sdk')),
  };
  const agents: Partial<Record<AgentLanguage, AgentSettings>> = {};
  for (const language of agentLanguages) {
    const own: string[] = [];
    const report: Report = (path, problem) => own.push(`${path}: ${problem}`);
    agents[language] = readAgent(language, objectAt(spec, specField[language]) ?? {}, report);
    problems[language] = [...everywhere.filter((one) => !isUnused(one, language)), ...own];
  }
  return {
    namespace: textAt(metadata, 'namespace') ?? 'default',
    name,
    shared,
    agents: agents as Record<AgentLanguage, AgentSettings>,
    problems: problems as Record<Language, readonly string[]>,
    digests: digestsOf(shared, agents, tooDeep),
  };
}

const isUnused = (problem: string, language: Language) =>
  (unusedFields[language] ?? []).some((field) => problem.startsWith(field));

function digestsOf(
  shared: SharedSettings,
  agents: Partial<Record<AgentLanguage, AgentSettings>>,
  tooDeep: boolean,
): Record<Language, string> {
  const everywhere = digest([shared, tooDeep]);
  const of = (language: Language) =>
    digest([everywhere, language === 'sdk' ? null : agents[language]]);
  return Object.fromEntries(languages.map((language) => [language, of(language)])) as Record<
    Language,
    string
  >;
}

function readShared(spec: JsonObject, report: Report): SharedSettings {
  const resource = objectAt(spec, 'resource') ?? {};
  const sampler = objectAt(spec, 'sampler') ?? {};
  const type = textAt(sampler, 'type');
  const exporter = objectAt(spec, 'exporter') ?? {};
  const env = readEnv(spec, 'spec.env', report);
  const imagePullPolicy = textAt(spec, 'imagePullPolicy');
  if (imagePullPolicy !== undefined && !/^(?:Always|IfNotPresent|Never)$/.test(imagePullPolicy)) {
    report('spec.imagePullPolicy', 'must be Always, IfNotPresent or Never');
  }
  return {
    endpoint: textAt(exporter, 'endpoint'),
    tls: readTls(objectAt(exporter, 'tls'), report),
    resourceAttributes: textMembers(objectAt(resource, 'resourceAttributes') ?? {}),
    addUids: member(resource, 'addK8sUIDAttributes') === true,
    useLabels: member(objectAt(spec, 'defaults') ?? {}, 'useLabelsForResourceAttributes') === true,
    propagators: (listAt(spec, 'propagators') ?? []).filter((item) => typeof item === 'string'),
    sampler: type === undefined ? undefined : { type, argument: textAt(sampler, 'argument') },
    env,
    imagePullPolicy,
    initContainerSecurityContext: readSecurityContext(
      spec,
      'initContainerSecurityContext',
      'spec',
      report,
    ),
  };
}

/** In the order of their keys: a map has none, so the one it was written in must not count. */
const textMembers = (object: JsonObject) =>
  Object.entries(object)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .toSorted(([one], [other]) => (one < other ? -1 : 1));

function readTls(tls: JsonObject | undefined, report: Report): ExporterTls | undefined {
  if (tls === undefined) return undefined;
  const read = {
    secretName: textAt(tls, 'secretName'),
    configMapName: textAt(tls, 'configMapName'),
    caFile: textAt(tls, 'ca_file'),
    certFile: textAt(tls, 'cert_file'),
    keyFile: textAt(tls, 'key_file'),
  };
  checkTls(read, 'spec.exporter.tls', report);
  return read;
}

function readAgent(language: AgentLanguage, given: JsonObject, report: Report): AgentSettings {
  const path = `spec.${specField[language]}`;
  const image = textAt(given, 'image');
  checkImage(image, `${path}.image`, report);
  return {
    image,
    env: readEnv(given, `${path}.env`, report),
    // Go's agent copies no files, so nothing said of a volume can spoil it.
    ...readVolume(language === 'go' ? {} : given, path, report),
    resources: readResources(
      given,
      language === 'java' ? 'resources' : 'resourceRequirements',
      path,
      report,
    ),
    extensions: language === 'java' ? readExtensions(given, path, report) : [],
    securityContext:
      language === 'go' ? readSecurityContext(given, 'securityContext', path, report) : undefined,
    attrs: readAttrs(given),
    version: textAt(given, 'version'),
    configPath: readConfig(given, 'configPath', path, report),
    configFile: readConfig(given, 'configFile', path, report),
  };
}

function readVolume(
  given: JsonObject,
  path: string,
  report: Report,
): Pick<AgentSettings, 'volumeLimitSize' | 'volumeClaimTemplate'> {
  const template = objectAt(given, 'volumeClaimTemplate');
  const volumeClaimTemplate =
    template !== undefined && saysSomething(template) ? template : undefined;
  if (volumeClaimTemplate !== undefined)
    checkClaim(volumeClaimTemplate, `${path}.volumeClaimTemplate`, report);
  const limit = member(given, 'volumeLimitSize');
  const volumeLimitSize =
    typeof limit === 'string' || typeof limit === 'number' ? limit : undefined;
  if (volumeLimitSize !== undefined && !((quantity(volumeLimitSize) ?? -1) >= 0))
    report(`${path}.volumeLimitSize`, 'is no quantity');
  return { volumeLimitSize, volumeClaimTemplate };
}

/** The operator stores templates made of nothing but empty objects; an empty list does count. */
function saysSomething(value: Json): boolean {
  if (isObject(value)) return Object.values(value).some(saysSomething);
  return value !== null && value !== '';
}

/** More variables than any process can be started with. */
const mostVariables = 2_000;

function readEnv(owner: JsonObject, path: string, report: Report): readonly EnvEntry[] {
  const given = listAt(owner, 'env') ?? [];
  if (given.length > mostVariables) report(path, `has more than ${mostVariables} entries`);
  const entries = given
    .slice(0, mostVariables)
    .filter(isObject)
    .map((entry) => ({ ...entry, name: textAt(entry, 'name') ?? '' }));
  checkEnv(entries, path, report);
  return entries;
}

function readResources(given: JsonObject, field: string, path: string, report: Report) {
  const resources = objectAt(given, field) ?? {};
  const read = {
    limits: objectAt(resources, 'limits'),
    requests: objectAt(resources, 'requests'),
    claims: listAt(resources, 'claims')?.filter(isObject),
  };
  checkResources(read, `${path}.${field}`, report);
  return read;
}

function readExtensions(given: JsonObject, path: string, report: Report) {
  return (listAt(given, 'extensions') ?? []).filter(isObject).map((entry, index) => {
    const extension = { image: textAt(entry, 'image') ?? '', dir: textAt(entry, 'dir') ?? '' };
    const at = `${path}.extensions[${index}].image`;
    if (extension.image.trim() === '') report(at, 'is required');
    else checkImage(extension.image, at, report);
    if (extension.dir === '') report(`${path}.extensions[${index}].dir`, 'is required');
    return extension;
  });
}

function readSecurityContext(
  owner: JsonObject,
  field: string,
  path: string,
  report: Report,
): JsonObject | undefined {
  const context = objectAt(owner, field);
  if (context !== undefined) checkSecurityContext(context, `${path}.${field}`, report);
  return context;
}

const readAttrs = (given: JsonObject) =>
  (listAt(given, 'attrs') ?? [])
    .filter(isObject)
    .map((entry) => [textAt(entry, 'name') ?? '', textAt(entry, 'value') ?? ''] as const);

/** A path inside the server's container, of which a directory below the root is replaced. */
function readConfig(
  given: JsonObject,
  field: string,
  path: string,
  report: Report,
): string | undefined {
  const value = textAt(given, field);
  if (value === undefined) return undefined;
  const isFile = field === 'configFile';
  const isRoot = posix.normalize(isFile ? posix.dirname(value) : value).replaceAll('/', '') === '';
  if (!/^\/[A-Za-z0-9._/-]{1,255}$/.test(value) || isRoot)
    report(`${path}.${field}`, 'must be an absolute path below the root');
  else if (isFile && /\/\.{0,2}$/.test(value)) report(`${path}.${field}`, 'must name a file');
  return value;
}

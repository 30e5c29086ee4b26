import { isObject, member, objectAt, type JsonObject } from '../json.ts';
import { endpointWarnings } from '../validate/endpoint.ts';
import { subjectOf } from '../validate/subject.ts';
import { validate, type Validation } from '../validate/validate.ts';
import { annotationsIn, type Cluster, type Known, type Subject } from './cluster.ts';
import { finding, type Finding } from './finding.ts';

/** What is wrong with the Instrumentations themselves, and with what they refer to. */
export function instrumentationFindings(cluster: Cluster): readonly Finding[] {
  const subjects = Map.groupBy(
    cluster.subjects.flatMap((subject) => governorsOf(subject).map((name) => ({ name, subject }))),
    ({ name }) => name,
  );
  const opinionOn = createOpinions();
  return [...cluster.instrumentations].flatMap(([name, known]) => {
    const governed = (subjects.get(name) ?? []).map(({ subject }) => subject);
    const places = Map.groupBy(governed, ({ world }) => world.namespace.name);
    return [
      ...questionable(known, opinionOn(known), { name, workloads: keysOf(governed) }),
      ...[...places].flatMap(([place, inIt]) =>
        certificates(known, { name, place, workloads: keysOf(inIt) }, cluster),
      ),
    ];
  });
}

const keysOf = (subjects: readonly Subject[]) => subjects.map(({ key }) => key);

/** Several languages may be given by one. */
const governorsOf = ({ judgement: { wanted } }: Subject): readonly string[] =>
  wanted.kind === 'nothing' ? [] : [...new Set(wanted.instrumentations)];

interface Opinion extends Validation {
  /** The warnings about endpoints. */
  readonly malformed: ReadonlySet<string>;
}

/** Most namespaces have a copy of one Instrumentation: all that say the same are read once. */
function createOpinions(): (known: Known) => Opinion {
  const opinions = new Map<string, Opinion>();
  return ({ json }) => {
    const said = JSON.stringify([annotationsIn(json), member(json, 'spec') ?? null]);
    const opinion = opinions.get(said) ?? opinionOf(json);
    opinions.set(said, opinion);
    return opinion;
  };
}

function opinionOf(json: JsonObject): Opinion {
  const subject = subjectOf(json);
  const malformed = subject === undefined ? [] : endpointWarnings(subject);
  return { ...validate(json), malformed: new Set(malformed) };
}

function questionable(
  { read }: Known,
  { errors, warnings, malformed }: Opinion,
  { name, workloads }: Omit<Place, 'place'>,
): readonly Finding[] {
  const about = `Instrumentation/${name}`;
  const words = { name: read.name, namespace: read.namespace };
  const lines = [
    ...errors.map(({ path, message }) => `${path} ${message}`),
    ...warnings.filter((line) => !isHarmless(line) && !(workloads.length > 0 && spoils(line))),
  ];
  return lines.map((detail) =>
    finding(malformed.has(detail) ? 'EndpointMalformed' : 'InstrumentationQuestionable', about, {
      detail,
      words,
      workloads,
    }),
  );
}

/** What works and may stay is no finding, and what a workload is told is not told twice. */
const isHarmless = (line: string) =>
  line.includes('works and may stay') || line.includes('not set, so agents send to localhost');

/** Those who ask for the language are refused it, with the same words. */
const spoils = (line: string) => /; pods get no (?:agent|variables)/.test(line);

interface Place {
  readonly name: string;
  /** The namespace of the pods. */
  readonly place: string;
  readonly workloads: readonly string[];
}

function certificates(
  { read: { settings } }: Known,
  place: Place,
  cluster: Cluster,
): readonly Finding[] {
  const { secretName, configMapName, caFile, certFile, keyFile } = settings.shared.tls ?? {};
  const ofSecret = [configMapName === undefined ? caFile : undefined, certFile, keyFile];
  return [
    ...inSource({ kind: 'Secret', source: secretName, files: ofSecret }, place, cluster),
    ...inSource({ kind: 'ConfigMap', source: configMapName, files: [caFile] }, place, cluster),
  ];
}

interface Source {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly source: string | undefined;
  /** Keys of it, or absolute paths that are none of its business. */
  readonly files: readonly (string | undefined)[];
}

function inSource(
  { kind, source, files }: Source,
  { name, place, workloads }: Place,
  { evidence, find }: Cluster,
): readonly Finding[] {
  if (source === undefined || !evidence.sees(kind, place)) return [];
  const about = `${kind}/${place}/${source}`;
  const found = find(kind, place, source);
  const of = `of Instrumentation/${name}`;
  if (found === undefined) return [finding('TlsSourceMissing', about, { detail: of, workloads })];
  return files.flatMap((file) => {
    if (file === undefined || file.startsWith('/') || holds(found, file)) return [];
    return [finding('TlsKeyMissing', about, { detail: `${file}, ${of}`, workloads })];
  });
}

const holds = (json: JsonObject, key: string): boolean =>
  ['data', 'binaryData', 'stringData'].some((part) => {
    const entries = objectAt(json, part);
    return isObject(entries) && member(entries, key) !== undefined;
  });

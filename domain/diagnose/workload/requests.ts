import { annotations as keys } from '../../../crds/names.ts';
import { languages } from '../../injection/instrumentation/settings.ts';
import { merge } from '../../injection/match.ts';
import { textAt, type JsonObject } from '../../json.ts';
import { annotationsIn, labelsIn, type Cluster, type Subject } from '../cluster.ts';
import { finding, wordsFor, type Finding } from '../finding.ts';
import { nearest } from './nearest.ts';

/** What was meant to ask for an agent, and does not. */
export function requestFindings(subject: Subject): readonly Finding[] {
  const { key, annotations, template } = subject;
  const own = [...misplaced(subject), ...amongLabels(subject), ...takenForNames(subject)];
  const spelling = [annotations, annotationsIn(template)].flatMap((place) => misspelt(place, key));
  return [...own, ...spelling.map((one) => ({ ...one, workloads: [key] }))];
}

/** What a namespace says, once for all that is in it. */
export function namespaceFindings({ namespaces, subjects }: Cluster): readonly Finding[] {
  const inhabitants = Map.groupBy(subjects, ({ world }) => world.namespace.name);
  return [...namespaces.values()].flatMap(({ name, annotations }) => {
    const workloads = (inhabitants.get(name) ?? []).map(({ key }) => key);
    return misspelt(annotations, `Namespace/${name}`).map((one) => ({ ...one, workloads }));
  });
}

const injectKeys: readonly string[] = languages.map((language) => keys.inject(language));

/** Mostly one of them, or none: there are fewer words than could be looked for. */
function injectKeysIn(...places: readonly JsonObject[]): readonly string[] {
  const found = new Set<string>();
  for (const place of places)
    for (const key in place) if (key.startsWith(injectPrefix)) found.add(key);
  return found.size === 0 ? none : injectKeys.filter((key) => found.has(key));
}

const none: readonly string[] = [];

function misplaced({ key, annotations, template, world, judgement }: Subject): readonly Finding[] {
  const read = annotationsIn(template);
  return injectKeysIn(annotations).flatMap((annotation) => {
    const value = textAt(annotations, annotation);
    if (value === undefined || textAt(read, annotation) !== undefined) return [];
    if (merge(read, world.namespace.annotations, annotation) === value) return [];
    return [moved('AnnotationMisplaced', { key, annotation, value, judgement })];
  });
}

function amongLabels({ key, template, judgement }: Subject): readonly Finding[] {
  const read = annotationsIn(template);
  const [below, own] = [labelsIn(template), judgement.workload.labels];
  return injectKeysIn(below, own).flatMap((annotation) => {
    const value = textAt(below, annotation) ?? textAt(own, annotation);
    if (value === undefined || textAt(read, annotation) !== undefined) return [];
    return [moved('AnnotationAmongLabels', { key, annotation, value, judgement })];
  });
}

interface Move extends Pick<Subject, 'key' | 'judgement'> {
  readonly annotation: string;
  readonly value: string;
}

function moved(
  check: 'AnnotationMisplaced' | 'AnnotationAmongLabels',
  { key, annotation, value, judgement }: Move,
): Finding {
  const template = { metadata: { annotations: { [annotation]: value } } };
  const patch = JSON.stringify({ spec: { template } });
  return finding(check, key, {
    detail: `${annotation}: ${JSON.stringify(value)}`,
    workloads: [key],
    words: { ...wordsFor(judgement.workload), patch },
  });
}

const likelyYes = /^(?:y|yes|on|1|enabled?|inject|t)$/i;
const likelyNo = /^(?:n|no|off|0|disabled?|none|f)$/i;

function takenForNames({ key, template, world }: Subject): readonly Finding[] {
  const read = annotationsIn(template);
  const around = world.namespace.annotations;
  return injectKeysIn(read, around).flatMap((annotation) => {
    const value = merge(read, around, annotation) ?? '';
    const isThere = world.instrumentations.in(world.namespace.name)?.has(value) === true;
    if (isThere || !(likelyYes.test(value) || likelyNo.test(value))) return [];
    const meant = likelyYes.test(value) ? 'true' : 'false';
    return [
      finding('ValueTakenForName', key, {
        detail: `${annotation}: ${JSON.stringify(value)}`,
        workloads: [key],
        remedy: `Write ${annotation}: "${meant}".`,
      }),
    ];
  });
}

const prefix = keys.inject('').replace(/inject-$/, '');
const injectPrefix = keys.inject('');

const understood: readonly string[] = [
  ...injectKeys,
  keys.containerNames,
  ...languages.map((language) => keys.languageContainerNames(language)),
  keys.pythonPlatform,
  keys.dotnetRuntime,
  keys.goTargetExecutable,
  keys.joinEnv,
  keys.remediation,
  keys.restartOutdated,
];

const readSet: ReadonlySet<string> = new Set(understood);

/** Written by us, or by the operator on its Instrumentations. */
const written = /^(?:otel-retrofit\.dev\/|.*\/default-auto-instrumentation-)/;

function misspelt(annotations: JsonObject, about: string): readonly Finding[] {
  return Object.keys(annotations).flatMap((key) => {
    if (readSet.has(key) || written.test(key)) return [];
    if (key.startsWith(injectPrefix)) return [unknownLanguage(key, about)];
    const isNear = key.startsWith(prefix) || /otel|telemetry|\/inject-/i.test(key);
    const meant = isNear ? (nearest(key, understood) ?? byItsEnd(key)) : undefined;
    if (meant === undefined && !key.startsWith(prefix)) return [];
    const remedy = meant === undefined ? undefined : `Write ${meant}.`;
    return [finding('AnnotationMisspelt', about, { detail: key, remedy })];
  });
}

/** The right word behind a wrong prefix. */
const byItsEnd = (key: string) =>
  injectKeys.find((one) => key.endsWith(one.slice(one.indexOf('/'))));

const aliases: Readonly<Record<string, RegExp>> = {
  nodejs: /^(?:js|node|node[.-]?js|javascript|typescript)$/i,
  python: /^(?:py|python[23])$/i,
  dotnet: /^(?:net|\.net|dot-net|csharp|c-sharp|dotnet-?core|aspnet)$/i,
  go: /^(?:golang)$/i,
  java: /^(?:jvm|jdk|kotlin|scala|spring|java\d+)$/i,
  'apache-httpd': /^(?:apache|httpd|apache2)$/i,
};

function unknownLanguage(key: string, about: string): Finding {
  const word = key.slice(injectPrefix.length);
  const [alias] = Object.entries(aliases).find(([, sign]) => sign.test(word)) ?? [];
  const meant = alias ?? nearest(word, languages);
  const remedy = meant === undefined ? undefined : `Write ${keys.inject(meant)}.`;
  return finding('LanguageUnknown', about, { detail: key, remedy });
}

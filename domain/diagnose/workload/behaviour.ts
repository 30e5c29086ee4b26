import type { Given } from '../../injection/inject.ts';
import type { Note } from '../../injection/injector.ts';
import type { Language } from '../../injection/instrumentation/settings.ts';
import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import { specOf, type Cluster, type Subject } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';
import { hasCollector, variablesOf } from './effective.ts';
import { containerIn, guessAgainst } from './language.ts';

/** What agents do, or cannot do, in the containers that a new pod would have. */
export function behaviourFindings(subject: Subject, cluster: Cluster): readonly Finding[] {
  const { admission } = subject;
  if (admission.kind !== 'injected') return [];
  const targets = admission.given.flatMap(({ language, containers }: Given) =>
    containers.map((name) => ({ language, name })),
  );
  return [
    ...targets.flatMap((target) => inContainer(target, specOf(admission.pod), subject)),
    ...admission.notes.flatMap((note) => noted(note, subject, cluster)),
  ];
}

interface Target {
  readonly language: Language;
  readonly name: string;
}

function inContainer(
  { language, name }: Target,
  spec: JsonObject,
  { key, template }: Subject,
): readonly Finding[] {
  const variables = variablesOf(containerIn(spec, name) ?? {});
  const original = containerIn(specOf(template), name) ?? {};
  const guess = language === 'sdk' ? undefined : guessAgainst(language, original);
  const switches = switchesOf(language).filter(({ variable, off }) =>
    off.test(variables.get(variable) ?? ''),
  );
  const isSilent =
    language === 'python' &&
    !/\blogging\b/.test(variables.get('OTEL_PYTHON_DISABLED_INSTRUMENTATIONS') ?? '');
  const about = { workloads: [key] };
  return [
    ...(guess === undefined
      ? []
      : [
          finding('WrongLanguage', key, {
            ...about,
            detail: `${name}: asked for ${language}, looks like ${guess.runtime} by its ${guess.signs.join(', ')}`,
          }),
        ]),
    ...switches.map(({ variable }) =>
      finding('SwitchedOff', key, {
        ...about,
        detail: `${name}: ${variable}=${variables.get(variable) ?? ''}`,
      }),
    ),
    ...(isSilent ? [finding('PythonConsoleSilent', key, { ...about, detail: name })] : []),
  ];
}

interface Switch {
  readonly variable: string;
  readonly off: RegExp;
  readonly only?: Language;
}

const switches: readonly Switch[] = [
  { variable: 'OTEL_SDK_DISABLED', off: /^true$/i },
  { variable: 'OTEL_TRACES_EXPORTER', off: /^none$/i },
  { variable: 'OTEL_TRACES_SAMPLER', off: /^(?:parentbased_)?always_off$/i },
  { variable: 'OTEL_JAVAAGENT_ENABLED', off: /^false$/i, only: 'java' },
  { variable: 'OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED', off: /^false$/i, only: 'java' },
  { variable: 'OTEL_PYTHON_DISABLED_INSTRUMENTATIONS', off: /^\*$/, only: 'python' },
  ...['TRACES', 'METRICS', 'LOGS'].flatMap((signal) => missingInPython(signal)),
];

/** One exporter that its image does not have, and Python's agent exports nothing at all. */
function missingInPython(signal: string): readonly Switch[] {
  const only = 'python';
  return [
    {
      variable: `OTEL_${signal}_EXPORTER`,
      off: /(?:^|,)\s*(?:otlp_proto_grpc|jaeger\w*|zipkin\w*)\s*(?:,|$)/,
      only,
    },
    { variable: `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, off: /^\s*grpc\s*$/, only },
  ];
}

const switchesOf = (language: Language) =>
  switches.filter(({ only }) => only === undefined || only === language);

/** What injection itself remarks; where more is known than it can see, that decides. */
function noted(note: Note, subject: Subject, cluster: Cluster): readonly Finding[] {
  const { language, container, reason, detail } = note;
  const { key } = subject;
  const words = { language, variable: detail ?? '', VARIABLE: detail ?? '' };
  if (reason === 'EndpointMissing' && hasCollector(subject)) return [];
  if (reason === 'HiddenEnvironment') {
    const holder = holderOf(note, subject, cluster);
    if (holder === 'none') return [];
    if (holder !== 'unknown') {
      const found = `${container}: ${detail ?? ''} of ${holder}`;
      return [finding('EnvironmentReplaced', key, { detail: found, workloads: [key], words })];
    }
  }
  const parts = [language, container, detail].filter((part) => part !== undefined);
  return [finding(reason, key, { detail: parts.join(': '), workloads: [key], words })];
}

/** The ConfigMap of envFrom that holds the variable; `none` where all were seen and none does. */
function holderOf({ container, detail = '' }: Note, subject: Subject, cluster: Cluster): string {
  const namespace = subject.world.namespace.name;
  const original = containerIn(specOf(subject.template), container) ?? {};
  const sources = (listAt(original, 'envFrom') ?? []).filter(isObject).map((source) => {
    const name = textAt(objectAt(source, 'configMapRef') ?? {}, 'name');
    const found = name === undefined ? undefined : cluster.find('ConfigMap', namespace, name);
    const prefix = textAt(source, 'prefix') ?? '';
    const key = detail.slice(prefix.length);
    const holds =
      detail.startsWith(prefix) && member(objectAt(found ?? {}, 'data') ?? {}, key) !== undefined;
    return { name: `ConfigMap/${namespace}/${name ?? ''}`, isSeen: found !== undefined, holds };
  });
  const holder = sources.findLast(({ holds }) => holds);
  if (holder !== undefined) return holder.name;
  return sources.every(({ isSeen }) => isSeen) ? 'none' : 'unknown';
}

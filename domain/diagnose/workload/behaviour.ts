import type { Given } from '../../injection/inject.ts';
import type { Note } from '../../injection/injector.ts';
import type { Language } from '../../injection/instrumentation/settings.ts';
import { isObject, listAt, member, objectAt, textAt } from '../../json.ts';
import { specOf, type Cluster, type Injected, type Subject } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';
import { once } from '../once.ts';
import { hasCollector, variablesOf } from './effective.ts';
import { containerIn, guessAgainst, isolationIn, mayBeGuessed } from './language.ts';

/** What agents do, or cannot do, in the containers that a new pod would have. */
export function behaviourFindings(subject: Subject, cluster: Cluster): readonly Finding[] {
  const { admission } = subject;
  if (admission.kind !== 'injected') return [];
  return [
    ...targetsOf(admission).flatMap((target) => inContainer(target, subject)),
    ...admission.notes.flatMap((note) => noted(note, subject, cluster)),
  ];
}

/** A container that gets an agent, and what is so in all alike. */
interface Target {
  readonly language: Language;
  readonly name: string;
  /** Whether more than its image tells what runs in it. */
  readonly isTelling: boolean;
  /** Each as `variable=value`. */
  readonly off: readonly string[];
  readonly isolation: string | undefined;
  readonly isSilent: boolean;
}

const targetsOf = once(({ given, pod }: Injected): readonly Target[] =>
  given.flatMap(({ language, containers }: Given) =>
    containers.map((name) => {
      const container = containerIn(specOf(pod), name) ?? {};
      const variables = variablesOf(container);
      const valueOf = (variable: string) => variables.get(variable) ?? '';
      return {
        language,
        name,
        isTelling: language !== 'sdk' && mayBeGuessed(container),
        off: switchesOf(language)
          .filter(({ variable, off }) => off.test(valueOf(variable)))
          .map(({ variable }) => `${variable}=${valueOf(variable)}`),
        isolation: language === 'python' ? isolationIn(container) : undefined,
        isSilent:
          language === 'python' &&
          !/\blogging\b/.test(valueOf('OTEL_PYTHON_DISABLED_INSTRUMENTATIONS')),
      };
    }),
  ),
);

function inContainer(target: Target, { key, template }: Subject): readonly Finding[] {
  const { language, name, isTelling, off, isolation, isSilent } = target;
  const original = isTelling ? containerIn(specOf(template), name) : undefined;
  const guess = original && guessAgainst(language, original);
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
    ...off.map((one) => finding('SwitchedOff', key, { ...about, detail: `${name}: ${one}` })),
    ...(isolation === undefined
      ? []
      : [finding('PythonIsolated', key, { ...about, detail: `${name}: ${isolation}` })]),
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

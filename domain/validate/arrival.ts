import { specField, type AgentLanguage } from '../injection/instrumentation/settings.ts';
import { Environment } from '../injection/pod/environment.ts';
import { expectedBy, protocolMismatch, protocolToSet } from '../injection/sdk/protocol.ts';
import { isObject, listAt, objectAt, textAt } from '../json.ts';
import { isSet, listed, variablesFor, type Subject } from './subject.ts';

/** What would be sent and never arrive: in silence, for agents do not complain where people look. */
export function arrivalWarnings(subject: Subject): readonly string[] {
  return [...mismatches(subject), ...oldImages(subject), ...withoutEndpoint(subject)];
}

/** Where no language is named, those are looked at that many use and that know one protocol alone. */
const usual: readonly AgentLanguage[] = ['python', 'dotnet'];
const protocol = 'OTEL_EXPORTER_OTLP_PROTOCOL';
const endpointVariable = 'OTEL_EXPORTER_OTLP_ENDPOINT';

function mismatches(subject: Subject): readonly string[] {
  const { meant } = subject;
  const found = new Map<string, AgentLanguage[]>();
  for (const language of meant.length === 0 ? usual : meant) {
    const kind = hasOwnEndpoint(subject, language) ? undefined : mismatch(subject, language);
    if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), language]);
  }
  return [...found].map(([kind, languages]) => explained(kind, languages, subject));
}

type Kind = 'NoGrpc' | 'HttpOn4317' | 'GrpcOn4318';

function mismatch(subject: Subject, language: AgentLanguage): Kind | undefined {
  const env = environmentFor(subject, language);
  const wanted = protocolToSet(language, env);
  if (wanted !== undefined) env.append({ name: protocol, value: wanted });
  if (protocolMismatch(language, env) === undefined) return undefined;
  const isGrpcChosen = env.plain(protocol)?.startsWith('grpc') === true;
  if (usual.includes(language) && isGrpcChosen) return 'NoGrpc';
  return expectedBy(env.plain(endpointVariable)) === 'grpc' ? 'HttpOn4317' : 'GrpcOn4318';
}

function explained(kind: string, languages: readonly AgentLanguage[], subject: Subject): string {
  const names = listed(languages);
  if (kind === 'NoGrpc') {
    return `${protocol}: the agents for ${names} cannot use grpc; take http/protobuf and port 4318`;
  }
  const isByVariable = languages.some((language) =>
    isSet(variablesFor(subject, language), endpointVariable),
  );
  const place = isByVariable ? endpointVariable : 'spec.exporter.endpoint';
  const [theirs, port, other, otherPort] =
    kind === 'HttpOn4317' ? ['HTTP', 4318, 'gRPC', 4317] : ['gRPC', 4317, 'HTTP', 4318];
  return `${place}: port ${otherPort} is for ${other}, and nothing arrives there from ${names}: ${theirs} on ${port}`;
}

/** As a container without anything of its own would have it. */
function environmentFor(subject: Subject, language: AgentLanguage): Environment {
  const env = new Environment({ name: '', env: [] }, []);
  const { endpoint } = subject.read.shared;
  env.appendMissing(variablesFor(subject, language).map(({ entry }) => entry));
  if (endpoint !== undefined) {
    env.appendMissing([{ name: endpointVariable, value: endpoint }]);
  }
  return env;
}

/** The modules of the web servers can be given one as a directive. */
const hasOwnEndpoint = ({ spec }: Subject, language: AgentLanguage) =>
  (listAt(objectAt(spec, specField[language]) ?? {}, 'attrs') ?? [])
    .filter(isObject)
    .some((entry) => (textAt(entry, 'name') ?? '').endsWith('ModuleOtelExporterEndpoint'));

/** Agents before these versions speak gRPC unless they are told otherwise. */
const firstHttp: Readonly<Partial<Record<AgentLanguage, readonly [number, number]>>> = {
  java: [2, 0],
  nodejs: [0, 56],
  go: [0, 8],
};

function oldImages(subject: Subject): readonly string[] {
  const old = subject.meant.filter((language) => {
    const env = environmentFor(subject, language);
    const isForHttp = expectedBy(env.plain(endpointVariable)) === 'http';
    return isForHttp && !env.has(protocol) && isOld(subject, language);
  });
  return old.map(
    (language) =>
      `spec.${specField[language]}.image: so old an agent uses gRPC on port 4318 unless ${protocol} is http/protobuf`,
  );
}

function isOld({ read }: Subject, language: AgentLanguage): boolean {
  const [major, minor] = firstHttp[language] ?? [0, 0];
  const tag = /\/autoinstrumentation-[a-z-]+:v?(?<major>\d{1,4})\.(?<minor>\d{1,4})\./.exec(
    (read.agents[language].image ?? '').slice(0, 512),
  )?.groups;
  if (tag === undefined) return false;
  const of = [Number(tag['major']), Number(tag['minor'])] as const;
  return of[0] < major || (of[0] === major && of[1] < minor);
}

const signals = ['', 'TRACES_', 'METRICS_', 'LOGS_'];

function withoutEndpoint(subject: Subject): readonly string[] {
  if (subject.read.shared.endpoint !== undefined) return [];
  const isGiven = (language: AgentLanguage | undefined) =>
    signals.some((signal) =>
      isSet(variablesFor(subject, language), `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`),
    );
  const lacking = subject.meant.filter(
    (language) => !isGiven(language) && !hasOwnEndpoint(subject, language),
  );
  if (subject.meant.length === 0 ? isGiven(undefined) : lacking.length === 0) return [];
  return [
    'spec.exporter.endpoint: not set, so agents send to localhost, where only a sidecar Collector listens',
  ];
}

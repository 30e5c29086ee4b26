import type { Language } from '../instrumentation/settings.ts';
import type { Environment } from '../pod/environment.ts';

/** How an agent talks when nobody chose, and what it cannot talk at all. */
interface Talk {
  readonly byItself: 'http' | 'grpc';
  readonly cannot?: 'http' | 'grpc';
}

const talks: Readonly<Partial<Record<Language, Talk>>> = {
  java: { byItself: 'http' },
  nodejs: { byItself: 'http' },
  go: { byItself: 'http' },
  python: { byItself: 'http', cannot: 'grpc' },
  dotnet: { byItself: 'http', cannot: 'grpc' },
  'apache-httpd': { byItself: 'grpc', cannot: 'http' },
  nginx: { byItself: 'grpc', cannot: 'http' },
};

const spoken = { '4317': 'grpc', '4318': 'http' } as const;
const variable = 'OTEL_EXPORTER_OTLP_PROTOCOL';
const ofSignals = (setting: string) =>
  ['TRACES', 'METRICS', 'LOGS'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}_${setting}`);
const signalEndpoints = ofSignals('ENDPOINT');
const signalSettings = [...ofSignals('PROTOCOL'), ...signalEndpoints];

/** The protocol to spell out, because the endpoint's port expects another than the agent's own. */
export function protocolToSet(language: Language, env: Environment): string | undefined {
  const talk = talks[language];
  if (talk === undefined || talk.cannot !== undefined || isChosen(env)) return undefined;
  return expectedBy(endpointOf(env)) === 'grpc' ? 'grpc' : undefined;
}

/** What does not fit, in a few words, where nothing would arrive. */
export function protocolMismatch(language: Language, env: Environment): string | undefined {
  const talk = talks[language];
  if (talk === undefined || hasSignalSettings(env)) return undefined;
  const chosen = talk.cannot === 'http' ? undefined : env.plain(variable);
  if (chosen === undefined && talk.cannot !== 'http' && env.has(variable)) return undefined;
  const used = chosen === undefined ? talk.byItself : family(chosen);
  if (used === talk.cannot) return `${variable}=${chosen}`;
  const expected = expectedBy(endpointOf(env));
  return expected === undefined || expected === used
    ? undefined
    : `${endpointOf(env)} with ${chosen ?? used}`;
}

const family = (protocol: string) => (protocol.startsWith('grpc') ? 'grpc' : 'http');

const endpointOf = (env: Environment) => env.plain('OTEL_EXPORTER_OTLP_ENDPOINT');

const isChosen = (env: Environment) => env.has(variable) || hasSignalSettings(env);

const hasSignalSettings = (env: Environment) => signalSettings.some((name) => env.has(name));

/** By their ports: 4317 is gRPC's and 4318 HTTP's; others say nothing. */
export function expectedBy(endpoint: string | undefined): 'grpc' | 'http' | undefined {
  const port = /^(?:[a-z][a-z0-9+.-]{0,15}:\/\/)?[^/?#]*:(?<port>\d{1,5})(?:[/?#]|$)/i.exec(
    (endpoint ?? '').slice(0, 2048),
  )?.groups?.['port'];
  return port === '4317' || port === '4318' ? spoken[port] : undefined;
}

/** Whether an agent would send to its own default place, where usually nobody listens. */
export const lacksEndpoint = (env: Environment) =>
  !env.has('OTEL_EXPORTER_OTLP_ENDPOINT') &&
  !env.hasHiddenSources &&
  !signalEndpoints.some((name) => env.has(name));

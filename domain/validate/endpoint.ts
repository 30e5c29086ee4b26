import { plainValue, type Subject } from './subject.ts';

/** What keeps an endpoint from being one, wherever it is written. The endpoint itself is not repeated. */
export function endpointWarnings({ read, env }: Subject): readonly string[] {
  const written = env
    .filter(({ entry }) => entry.name === 'OTEL_EXPORTER_OTLP_ENDPOINT')
    .map((variable) => [variable.path, plainValue(variable)] as const);
  return [['spec.exporter.endpoint', read.shared.endpoint] as const, ...written].flatMap(
    ([path, endpoint]) => {
      const flaw = endpoint === undefined ? undefined : flawIn(endpoint);
      return flaw === undefined ? [] : [`${path}: ${flaw}`];
    },
  );
}

/** Ports on which a Collector or a tracing system listens for something else. */
const otherPorts: Readonly<Record<string, string>> = {
  1777: "the Collector's profiles",
  8888: "the Collector's own metrics",
  8889: 'scrapes of metrics',
  9411: 'Zipkin',
  13133: "the Collector's health check",
  14250: 'Jaeger',
  14268: 'Jaeger',
  55679: "the Collector's debug pages",
};

function flawIn(endpoint: string): string | undefined {
  const written = endpoint.slice(0, 2048);
  if (/\s/.test(written)) return 'holds white space';
  // A reference to another variable can stand for any part of it.
  if (written.startsWith('$(')) return undefined;
  const scheme = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\//i.exec(written)?.groups?.['scheme'];
  if (scheme === undefined) return 'has no scheme; begin it with http:// or https://';
  if (!/^https?$/i.test(scheme)) return 'agents know http:// and https:// alone';
  const url = parseEndpoint(written);
  if (url === undefined) return 'is no URL';
  const other = otherPorts[url.port];
  if (other !== undefined) return `port ${url.port} is for ${other}; OTLP has 4318 and 4317`;
  const signal = /\/v1\/(?:traces|metrics|logs)\/?$/.exec(url.pathname)?.[0];
  return signal === undefined ? undefined : `agents add ${signal} themselves; leave it out`;
}

/** References to other variables count as what they may become: an address, a port. */
export function parseEndpoint(endpoint: string): URL | undefined {
  const text = endpoint.slice(0, 2048).replaceAll(/\$\([^)]*\)/g, '1');
  return URL.canParse(text) ? new URL(text) : undefined;
}

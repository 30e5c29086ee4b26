import { parseEndpoint } from './endpoint.ts';
import { isSet, variablesFor, type Subject } from './subject.ts';

/** Certificates and endpoints that do not go together. */
export function tlsWarnings(subject: Subject): readonly string[] {
  const { endpoint, tls } = subject.read.shared;
  const isHttps = /^https:\/\//i.test(endpoint ?? '');
  const isGiven = tls !== undefined && Object.values(tls).some((value) => value !== undefined);
  if (isGiven) {
    const idle = isHttps
      ? []
      : ['spec.exporter.tls: has no effect unless the endpoint begins with https://'];
    return [...files(subject), ...idle];
  }
  const isSettled =
    tls !== undefined || isSet(variablesFor(subject, undefined), 'OTEL_EXPORTER_OTLP_CERTIFICATE');
  return isHttps && !isSettled && isInside(endpoint ?? '')
    ? [
        "spec.exporter.endpoint: https inside the cluster needs the Collector's authority, in spec.exporter.tls",
      ]
    : [];
}

function files({ read }: Subject): readonly string[] {
  const { secretName, configMapName, caFile, certFile, keyFile } = read.shared.tls ?? {};
  const path = 'spec.exporter.tls';
  const warnings: string[] = [];
  if (certFile !== undefined && keyFile === undefined)
    warnings.push(`${path}.cert_file: is of no use without key_file`);
  if (keyFile !== undefined && certFile === undefined)
    warnings.push(`${path}.key_file: is of no use without cert_file`);
  if (isLost(caFile, secretName, configMapName))
    warnings.push(`${path}.ca_file: needs secretName or configMapName, or an absolute path`);
  for (const [field, file] of [
    ['cert_file', certFile],
    ['key_file', keyFile],
  ] as const) {
    if (isLost(file, secretName))
      warnings.push(`${path}.${field}: needs secretName, or an absolute path`);
  }
  return warnings;
}

/** A file that is a key of something, when nobody says of what. */
const isLost = (file: string | undefined, ...sources: readonly (string | undefined)[]) =>
  file !== undefined && !file.startsWith('/') && sources.every((name) => name === undefined);

/** Names that no public authority vouches for. */
const isInside = (endpoint: string) =>
  /^(?:[^.]+|[^.]+\.[^.]+\.svc(?:\..+)?|[\d.]+|\[.*\]|.+\.local)$/.test(
    parseEndpoint(endpoint)?.hostname ?? 'unknown.example.com',
  );

import { isObject, member, textAt } from '../../json.ts';
import type { ExporterTls } from '../instrumentation/settings.ts';
import { addVolume, findVolume, type Draft } from '../pod/draft.ts';
import { mountsOf, type Container, type Volume } from '../pod/shape.ts';

interface Source {
  readonly volume: Volume;
  readonly mountPath: string;
}

/** The Secret and the ConfigMap that hold the exporter's certificates. */
export function tlsSources(tls: ExporterTls | undefined): readonly Source[] {
  const { secretName, configMapName } = tls ?? {};
  return [
    ...(secretName === undefined
      ? []
      : [
          {
            volume: {
              name: volumeName('otel-auto-secret-', secretName),
              secret: { secretName, optional: true },
            },
            mountPath: secretPath(secretName),
          },
        ]),
    ...(configMapName === undefined
      ? []
      : [
          {
            volume: {
              name: volumeName('otel-auto-configmap-', configMapName),
              configMap: { name: configMapName, optional: true },
            },
            mountPath: configMapPath(configMapName),
          },
        ]),
  ];
}

const secretPath = (name: string) => `/otel-auto-instrumentation-secret-${name}`;
const configMapPath = (name: string) => `/otel-auto-instrumentation-configmap-${name}`;

/** An object's name may hold dots and 253 characters, a volume's neither. */
function volumeName(prefix: string, name: string): string {
  const full = prefix + name.replaceAll('.', '-').slice(0, 63 - prefix.length);
  return full.replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}

/** Adds the volumes, or names the one whose name somebody uses for something else. */
export function addTlsVolumes(
  draft: Draft,
  sources: readonly Source[],
): Draft | { readonly taken: string } {
  let next = draft;
  for (const { volume } of sources) {
    const there = findVolume(next, volume.name);
    if (there === undefined) next = addVolume(next, volume);
    else if (sourceName(there) !== sourceName(volume)) return { taken: volume.name };
  }
  return next;
}

function sourceName(volume: Volume): string | undefined {
  const secret = member(volume, 'secret');
  if (isObject(secret)) return `secret/${textAt(secret, 'secretName')}`;
  const configMap = member(volume, 'configMap');
  return isObject(configMap) ? `configmap/${textAt(configMap, 'name')}` : undefined;
}

/** Mounts them, or names the path that is in use. */
export function addTlsMounts(container: Container, sources: readonly Source[]): Mounted {
  const there = mountsOf(container);
  const missing = sources.filter(({ volume }) => !there.some(({ name }) => name === volume.name));
  const paths = new Set(there.map((mount) => textAt(mount, 'mountPath')));
  const taken = missing.find(({ mountPath }) => paths.has(mountPath));
  if (taken !== undefined) return { taken: taken.mountPath };
  if (missing.length === 0) return { container };
  const added = missing.map(({ volume, mountPath }) => ({
    name: volume.name,
    mountPath,
    readOnly: true,
  }));
  return { container: { ...container, volumeMounts: [...there, ...added] } };
}

export type Mounted = { readonly container: Container } | { readonly taken: string };

/** Where the certificate files are found; a file named without a place to find it in is left out. */
export function tlsVariables(tls: ExporterTls): readonly (readonly [string, string])[] {
  const { secretName, configMapName, caFile, certFile, keyFile } = tls;
  const secret = secretName === undefined ? undefined : secretPath(secretName);
  const authority = configMapName === undefined ? secret : configMapPath(configMapName);
  const files = [
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', locate(caFile, authority)],
    ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', locate(certFile, secret)],
    ['OTEL_EXPORTER_OTLP_CLIENT_KEY', locate(keyFile, secret)],
  ] as const;
  return files.flatMap(([name, path]) => (path === undefined ? [] : [[name, path] as const]));
}

function locate(file: string | undefined, directory: string | undefined): string | undefined {
  if (file === undefined || file.startsWith('/')) return file;
  return directory === undefined ? undefined : `${directory}/${file}`;
}

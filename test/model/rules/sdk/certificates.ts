import type { Certificates, Container, Volume } from '../../case.ts';
import type { Environment } from './environment.ts';
import type { Request } from '../request.ts';

const secretPath = (name = '') => `/otel-auto-instrumentation-secret-${name}`;
const configMapPath = (name = '') => `/otel-auto-instrumentation-configmap-${name}`;

interface Place {
  readonly volume: Volume;
  readonly path: string;
}

/** The Secret, then the ConfigMap; each is mounted whenever it is named. An empty name is none. */
function placesOf({ settings, ours }: Request): readonly Place[] {
  const { secretName = '', configMapName = '' } = settings.exporter?.tls ?? {};
  const named = secretName !== '' || configMapName !== '';
  const optional = named && ours('tls-optional') ? { optional: true } : {};
  const places: Place[] = [];
  if (secretName !== '') {
    const name = volumeName('otel-auto-secret-', secretName, ours);
    places.push({
      volume: { name, secret: { secretName, ...optional } },
      path: secretPath(secretName),
    });
  }
  if (configMapName !== '') {
    const name = volumeName('otel-auto-configmap-', configMapName, ours);
    const configMap = { name: configMapName, ...optional };
    places.push({ volume: { name, configMap }, path: configMapPath(configMapName) });
  }
  return places;
}

/** At most 63 characters: the end of the name is cut, and no sign is left at either end. */
function volumeName(start: string, name: string, ours: Request['ours']): string {
  const plain = name.includes('.') && ours('tls-dotted-names') ? name.replaceAll('.', '-') : name;
  return (start + plain).slice(0, 63).replaceAll(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, '');
}

/** Our way: a volume of that name with other content is nothing to read certificates from. */
export function isVolumeTaken(request: Request): boolean {
  return placesOf(request).some(({ volume }) => {
    const there = request.draft.volumes.find(({ name }) => name === volume.name);
    return there !== undefined && contentOf(there) !== contentOf(volume);
  });
}

const contentOf = ({ secret, configMap }: Volume) =>
  `${secret?.['secretName'] as string}/${configMap?.['name'] as string}`;

/** The container with the mounts; nothing where, our way, a path of theirs is in use. */
export function mountCertificates(request: Request, container: Container): Container | undefined {
  const { draft, ours } = request;
  const mounts = [...(container.volumeMounts ?? [])];
  for (const { volume, path } of placesOf(request)) {
    if (!draft.volumes.some(({ name }) => name === volume.name)) draft.volumes.push(volume);
    if (mounts.some(({ name }) => name === volume.name)) continue;
    if (mounts.some(({ mountPath }) => mountPath === path) && ours('name-taken')) return undefined;
    mounts.push({ name: volume.name, mountPath: path, readOnly: true });
  }
  return { ...container, volumeMounts: mounts };
}

/** The files: as they are if absolute, else in the ConfigMap or Secret, even where none is named. */
export function addCertificateVariables(env: Environment, tls: Certificates, { ours }: Request) {
  const { secretName = '', configMapName = '', ca_file, cert_file, key_file } = tls;
  const secret = { name: secretName, path: secretPath(secretName) };
  const authority =
    configMapName === '' ? secret : { name: configMapName, path: configMapPath(configMapName) };
  for (const [variable, file, place] of [
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', ca_file, authority],
    ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', cert_file, secret],
    ['OTEL_EXPORTER_OTLP_CLIENT_KEY', key_file, secret],
  ] as const) {
    if (file === undefined || file === '' || env.has(variable)) continue;
    if (file.startsWith('/')) env.append(variable, file);
    else if (place.name !== '' || !ours('tls-file-without-place'))
      env.append(variable, `${place.path}/${file}`);
  }
}

import type { Container, EnvVar, Mount, Pod, Volume } from './case.ts';

/** A pod's spec in the lines of `stated.yaml`, in the order that counts; resources are not told. */
export function linesOf({ spec }: Pod): readonly string[] {
  const { containers, initContainers = [], volumes = [], shareProcessNamespace } = spec;
  return [
    ...(shareProcessNamespace === true ? ['shared process namespace'] : []),
    ...initContainers.flatMap((one) => containerLines('init container', one)),
    ...containers.flatMap((one) => containerLines('container', one)),
    ...volumes.map(volumeLine),
  ];
}

function containerLines(what: string, container: Container): readonly string[] {
  const { name, image, imagePullPolicy, securityContext, command, args } = container;
  const said = { 'security context': securityContext, command, args };
  return [
    `${what} ${name}`,
    ...(image === undefined ? [] : [`image ${image}`]),
    ...(imagePullPolicy === undefined ? [] : [`pull policy ${imagePullPolicy}`]),
    ...Object.entries(said).flatMap(([label, value]) =>
      value === undefined ? [] : [`${label} ${inOrder(value)}`],
    ),
    ...(container.env ?? []).map(envLine),
    ...(container.volumeMounts ?? []).map(mountLine),
  ];
}

function envLine({ name, value, valueFrom }: EnvVar): string {
  const [from] = Object.entries(valueFrom ?? {});
  if (from === undefined) return `env ${name} ${JSON.stringify(value ?? '')}`;
  const [kind, source] = from;
  const beside = value === undefined ? '' : ` beside ${JSON.stringify(value)}`;
  return `env ${name} from ${kind} ${Object.values(source).join('/')}${beside}`;
}

const mountLine = ({ name, mountPath, subPath, readOnly }: Mount) =>
  [
    `mount ${name} at ${mountPath}`,
    ...(subPath === undefined ? [] : [`sub-path ${subPath}`]),
    ...(readOnly === true ? ['read-only'] : []),
  ].join(' ');

function volumeLine({ name, ...source }: Volume): string {
  const [kind = '', content] = Object.entries(source)[0] ?? [];
  return `volume ${name} ${kind} ${inOrder(content)}`;
}

/** JSON with the keys of every object sorted. */
const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

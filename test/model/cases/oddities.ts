import type { Dice } from '../../support/dice.ts';
import type { Case, Container, EnvVar, Fields, Mount, PodSpec, Volume } from '../case.ts';

/** Gives a case what pods seldom have, and what an API server takes all the same. */
export function oddly(one: Case, dice: Dice): Case {
  if (!dice.chance(0.3)) return one;
  const renamed = dice.chance(0.2) ? withLongName(one) : one;
  const { spec } = renamed.pod;
  const { initContainers } = spec;
  const odd = (container: Container) =>
    dice.chance(0.6) ? oddContainer(container, dice) : container;
  const changed: PodSpec = {
    ...spec,
    ...dice.pick(besides),
    containers: spec.containers.map(odd),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(odd) }),
    volumes: [...(spec.volumes ?? []), dice.pick(volumes)],
  };
  return { ...renamed, pod: { ...renamed.pod, spec: changed } };
}

const names = /container-names$/;

/** As long as a name can be, which the path that Java's agent goes to is made of. */
function withLongName(one: Case): Case {
  const [first, ...others] = one.pod.spec.containers;
  if (first === undefined || others.some(({ name }) => name === longest)) return one;
  const rename = (texts: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(texts).map(([key, value]) => [
        key,
        names.test(key)
          ? value.replaceAll(new RegExp(`(?<![a-z-])${first.name}(?![a-z0-9-])`, 'g'), longest)
          : value,
      ]),
    );
  const { metadata, spec } = one.pod;
  return {
    ...one,
    namespace: { ...one.namespace, annotations: rename(one.namespace.annotations) },
    pod: {
      ...one.pod,
      metadata: { ...metadata, annotations: rename(metadata.annotations) },
      spec: { ...spec, containers: [{ ...first, name: longest }, ...others] },
    },
  };
}

const longest = `app-${'n'.repeat(59)}`;

/** Where every container finds the file of variables. */
const files = { name: 'odd-file', emptyDir: {} };

const volumes: readonly [Volume & Fields, ...(Volume & Fields)[]] = [
  files,
  { name: 'odd', projected: { sources: [{ configMap: { name: 'a' } }] } },
  { name: 'odd', csi: { driver: 'd.example' } },
  { name: 'otel-apache-conf-dir', hostPath: { path: '/a' } },
  { name: 'otel-auto-secret-cli', projected: { sources: [{ secret: { name: 'cli' } }] } },
  { name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug/', type: 'Directory' } },
];

const windows = (operator: string, ...values: readonly string[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator, values }] }],
      },
    },
  },
});

/** Of the pod itself. */
const besides: readonly [Partial<PodSpec>, ...Partial<PodSpec>[]] = [
  {},
  {},
  {},
  { hostUsers: false },
  { hostNetwork: true },
  { resources: {} },
  { resources: { limits: {} } },
  { resources: { requests: { cpu: '2' } } },
  { imagePullSecrets: [{ name: 'registry' }] },
  { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
  { securityContext: { seccompProfile: { type: 'RuntimeDefault' }, runAsNonRoot: true } },
  { securityContext: { runAsUser: 0 } },
  { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } },
  { ephemeralContainers: [{ name: 'debugger', image: 'busybox', targetContainerName: 'app' }] },
  windows('In', 'windows'),
  windows('NotIn', 'windows'),
  windows('In', 'linux', 'windows'),
];

function oddContainer(container: Container, dice: Dice): Container {
  const { env = [], volumeMounts = [] } = container;
  const more = dice.some(entries, 0.12);
  const path = dice.pick(paths);
  const isFree = volumeMounts.every(({ mountPath }) => mountPath !== path);
  const mount: Mount = { name: 'odd', mountPath: path, readOnly: true };
  return {
    ...container,
    ...(dice.chance(0.15) ? { command: dice.pick<readonly string[]>(commands) } : {}),
    ...(dice.chance(0.1) ? { envFrom: [{ prefix: 'a b', secretRef: { name: 's' } }] } : {}),
    ...(dice.chance(0.1) ? { securityContext: dice.pick<Fields>(contexts) } : {}),
    ...(env.length + more.length > 0 ? { env: [...env, ...more] } : {}),
    ...(isFree && dice.chance(0.3) ? { volumeMounts: [...volumeMounts, mount] } : {}),
  };
}

const fromFile = (name: string, optional?: boolean): EnvVar => ({
  name,
  valueFrom: {
    fileKeyRef: {
      volumeName: files.name,
      path: 'a.env',
      key: 'K',
      ...(optional === undefined ? {} : { optional }),
    },
  },
});

const own = 'OTEL_RESOURCE_ATTRIBUTES';

const entries: readonly EnvVar[] = [
  { name: '7ZIP', value: 'v' },
  { name: 'a b/c:d', value: '$(7ZIP)' },
  { name: 'CYCLE', value: '$(CYCLE)' },
  { name: 'TEXT', value: `$$(${own})` },
  { name: 'THREE', value: `$$$(${own}_NODE_NAME)` },
  { name: 'FOUR', value: `$$$$(${own}_POD_NAME)` },
  { name: 'OPEN', value: `$(${own}` },
  { name: 'NESTED', value: `$($(${own}))` },
  { name: 'PLAIN', value: `$${own}$` },
  fromFile('FILE'),
  fromFile('JAVA_TOOL_OPTIONS'),
  fromFile('NODE_OPTIONS', true),
  fromFile('PYTHONPATH', false),
  fromFile(own),
  { name: 'JAVA_TOOL_OPTIONS', value: '-javaagent:/srv/hotel/jacoco.jar' },
  { name: 'JAVA_TOOL_OPTIONS', value: '-javaagent:/opt/otel/jmx_prometheus_javaagent.jar=9404:x' },
  { name: 'JAVA_TOOL_OPTIONS', value: '-javaagent:/opt/OTel/agent.jar' },
  { name: 'NODE_OPTIONS', value: '$(NODE_OPTIONS) --one' },
  { name: 'PYTHONPATH', value: '/app:$(PYTHONPATH):' },
  { name: own, value: 'price=$$5,open=$(,who=$(POD)' },
];

const paths: readonly [string, ...string[]] = [
  '/opt',
  '/opt/opentelemetry-webserver',
  '/opt/opentelemetry-webserver/agent/logs',
  '/opt/opentelemetry-webserver/source-conf',
  '/otel-auto-instrumentation-python/lib',
  '/otel-auto-instrumentation-dotnet',
  '/usr/local/apache2',
  '/usr/local/apache2/conf/',
  '/usr/local/apache2/conf-extra',
  '/etc',
  '/etc/nginx/conf.d/',
];

const commands = [
  ['java', '-javaagent:/srv/motel-agent/jacoco.jar', '-jar', 'a.jar'],
  ['sh', '-c', 'exec java -javaagent:/otel/javaagent.jar -jar a.jar'],
  ['node', '-r', '@opentelemetry/auto-instrumentations-node/register', 'a.js'],
] as const;

const contexts = [
  { runAsUser: 0 },
  { readOnlyRootFilesystem: true, runAsNonRoot: true },
  {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
] as const;

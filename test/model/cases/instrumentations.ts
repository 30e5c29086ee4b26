import type { Dice } from '../../support/dice.ts';
import type {
  AgentSettings,
  Certificates,
  EnvVar,
  Fields,
  Instrumentation,
  Resources,
  Settings,
} from '../case.ts';
import { randomEnv } from './environment.ts';

export function randomInstrumentation(
  namespace: string,
  name: string,
  dice: Dice,
): Instrumentation {
  return {
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { namespace, name },
    spec: randomSettings(dice),
  };
}

function randomSettings(dice: Dice): Settings {
  const exporter = {
    ...(dice.chance(0.85) ? { endpoint: dice.pick(endpoints) } : {}),
    ...(dice.chance(0.25) ? { tls: randomCertificates(dice) } : {}),
  };
  return {
    exporter,
    ...(dice.chance(0.25) ? { resource: randomResource(dice) } : {}),
    ...(dice.chance(0.3) ? { propagators: dice.some(['tracecontext', 'baggage', 'b3'], 0.5) } : {}),
    ...(dice.chance(0.3) ? { sampler: dice.pick(samplers) } : {}),
    ...(dice.chance(0.25) ? { defaults: { useLabelsForResourceAttributes: true } } : {}),
    ...(dice.chance(0.35) ? { env: randomEnv(4, 0.08, dice) } : {}),
    ...(dice.chance(0.2) ? { imagePullPolicy: dice.pick(['Always', 'Never']) } : {}),
    ...(dice.chance(0.15) ? { initContainerSecurityContext: randomContext(dice) } : {}),
    ...randomAgents(dice),
    ...(dice.chance(0.03) ? dice.pick<Settings>(sharedFaults) : {}),
  };
}

const endpoints = [
  'http://otel.obs:4318',
  'http://otel.obs:4317',
  'https://otel.obs:4317',
  'http://$(OTEL_NODE_IP):4317',
  'http://otel.obs:9999',
  'http://otel.obs',
  'otel.obs:4317',
  'http://otel.obs:4317/path',
] as const;

const samplers = [
  { type: 'parentbased_traceidratio', argument: '0.1' },
  { type: 'always_on' },
  { argument: '0.3' },
  {},
  { type: 'always_off', argument: '' },
] as const;

/** Names that fit, with a dot, too long for a volume's; some do not exist. */
export const secrets = ['cli', 'my.cli', 'x'.repeat(60), 'gone'] as const;
export const configMaps = ['ca', 'the.ca', 'gone'] as const;

const randomCertificates = (dice: Dice): Certificates => ({
  ...(dice.chance(0.7) ? { secretName: dice.pick(secrets) } : {}),
  ...(dice.chance(0.5) ? { configMapName: dice.pick(configMaps) } : {}),
  ...(dice.chance(0.7) ? { ca_file: dice.pick(['ca.crt', '/abs/ca.crt']) } : {}),
  ...(dice.chance(0.5) ? { cert_file: dice.pick(['tls.crt', '/abs/tls.crt']) } : {}),
  ...(dice.chance(0.5) ? { key_file: 'tls.key' } : {}),
});

function randomResource(dice: Dice) {
  const keys = dice.some(
    [
      'team',
      'service.version',
      'k8s.deployment.name',
      'service.name',
      'k8s.node.name',
      'we ird',
      'k8s.pod.uid',
      '',
    ],
    0.3,
  );
  const value = () => dice.pick(['v', 'two words', 'a,b', 'a=b', '', 'é', '100%', '50%25']);
  return {
    resourceAttributes: Object.fromEntries(keys.map((key) => [key, value()])),
    ...(dice.chance(0.5) ? { addK8sUIDAttributes: true } : {}),
  };
}

export const randomContext = (dice: Dice) =>
  dice.pick<Fields>([
    { runAsUser: 1000 },
    { runAsNonRoot: true },
    { runAsNonRoot: true, runAsUser: 7 },
    { readOnlyRootFilesystem: true },
    { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    { allowPrivilegeEscalation: true, privileged: true },
    { capabilities: { add: ['SYS_PTRACE'] } },
    { seLinuxOptions: { user: 'system_u' } },
    {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    {},
  ]);

const agents = ['java', 'nodejs', 'python', 'dotnet', 'go', 'apacheHttpd', 'nginx'] as const;

const randomAgents = (dice: Dice): Settings =>
  Object.fromEntries(dice.some(agents, 0.3).map((agent) => [agent, randomAgent(agent, dice)]));

function randomAgent(agent: (typeof agents)[number], dice: Dice): AgentSettings {
  const resources = agent === 'java' ? 'resources' : 'resourceRequirements';
  return {
    ...(dice.chance(0.3) ? { image: 'acme/agent:1' } : {}),
    ...(dice.chance(0.4) ? { env: randomEnv(3, 0.1, dice) } : {}),
    ...(dice.chance(0.4) ? dice.pick<AgentSettings>(volumes) : {}),
    ...(dice.chance(0.3) ? { [resources]: dice.pick(amounts) } : {}),
    ...(agent === 'java' && dice.chance(0.4)
      ? { extensions: dice.pick<readonly Extension[]>(extensions) }
      : {}),
    ...(agent === 'go' && dice.chance(0.3) ? { securityContext: { privileged: true } } : {}),
    ...(agent === 'apacheHttpd' ? randomApache(dice) : {}),
    ...(agent === 'nginx' ? randomNginx(dice) : {}),
    ...(dice.chance(0.1) ? { env: [dice.pick(references)] } : {}),
    ...(dice.chance(0.05) ? dice.pick<AgentSettings>(agentFaults) : {}),
  };
}

const optional = { configMapKeyRef: { name: 'c', key: 'k', optional: true } };
const required = { configMapKeyRef: { name: 'c', key: 'k' } };

/** Variables that switch agents on, from elsewhere. */
const references = [
  'JAVA_TOOL_OPTIONS',
  'NODE_OPTIONS',
  'PYTHONPATH',
  'DOTNET_SHARED_STORE',
  'LD_LIBRARY_PATH',
].flatMap((name) => [
  { name, valueFrom: optional },
  { name, valueFrom: required },
]) as readonly EnvVar[] as readonly [EnvVar, ...EnvVar[]];

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

const volumes = [
  { volumeLimitSize: '100Mi' },
  { volumeLimitSize: 200_000_000 },
  { volumeClaimTemplate: { spec: claim } },
  { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec: claim } },
  { volumeClaimTemplate: { metadata: {}, spec: { resources: {} } } },
] as const;

const amounts: readonly [Resources, ...Resources[]] = [
  { limits: { memory: '32Mi' } },
  { requests: { cpu: '1', memory: '1Gi' } },
  { limits: { cpu: '1' }, requests: { cpu: '100m' } },
  { limits: {} },
  {},
  { limits: {}, requests: {} },
  { requests: { 'ephemeral-storage': '1Gi' } },
];

type Extension = NonNullable<AgentSettings['extensions']>[number];

const extensions = [
  [{ image: 'acme/e:1', dir: '/ext' }],
  [
    { image: 'acme/e:1', dir: '/ext' },
    { image: 'acme/f:1', dir: '/f' },
  ],
  [],
] as const;

const attributes = [
  { name: 'ApacheModuleServiceName', value: 'x' },
  { name: 'NginxModuleExtra', value: '4' },
  { name: 'Empty' },
] as const;

const randomApache = (dice: Dice): AgentSettings => ({
  attrs: dice.some(attributes, 0.2),
  ...(dice.chance(0.3) ? { version: dice.pick(['2.2', '2.4']) } : {}),
  ...(dice.chance(0.4)
    ? { configPath: dice.pick(['/etc/httpd/conf', '/etc/httpd/', '/etc//httpd/./conf']) }
    : {}),
});

const randomNginx = (dice: Dice): AgentSettings => ({
  attrs: dice.some(attributes, 0.2),
  ...(dice.chance(0.4)
    ? { configFile: dice.pick(['/opt/nginx/conf/nginx.conf', '/etc//nginx/./n.conf']) }
    : {}),
});

const both = { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };

/** Settings that an API server would refuse a pod for. */
const sharedFaults = [
  { env: [both] },
  { imagePullPolicy: 'Sometimes' },
  { initContainerSecurityContext: { allowPrivilegeEscalation: false, privileged: true } },
] as const;

const agentFaults = [
  { env: [both] },
  { env: [{ name: 'has=sign', value: 'x' }] },
  { volumeClaimTemplate: { spec: { resources: { requests: { storage: '1Gi' } } } } },
  { resourceRequirements: { limits: { cpu: '100m' }, requests: { cpu: '1' } } },
  { image: ' acme/space:1' },
  { configPath: '/' },
  { configPath: '/etc/..' },
  { configFile: '/nginx.conf' },
] as const;

import type { Dice } from '../../support/dice.ts';
import type { Container, EnvVar, Fields, Mount, Volume } from '../case.ts';
import { randomEnv } from './environment.ts';
import { randomContext } from './instrumentations.ts';

export function randomContainer(name: string, volumes: readonly Volume[], dice: Dice): Container {
  const env = randomEnv(6, 0.15, dice);
  const mounts = randomMounts(volumes, dice);
  return {
    name,
    image: dice.pick(images),
    ...(dice.chance(0.6) && env.length > 0 ? { env } : {}),
    ...(dice.chance(0.2) ? { envFrom: [dice.pick<Fields>(sources)] } : {}),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(dice.chance(0.25) ? { securityContext: randomContext(dice) } : {}),
    ...(dice.chance(0.2) ? { imagePullPolicy: dice.pick(['Always', 'IfNotPresent']) } : {}),
    ...(dice.chance(0.15) ? { command: dice.pick<readonly string[]>(commands) } : {}),
    ...(dice.chance(0.2) ? { resources: { limits: { cpu: '1' } } } : {}),
    ...(dice.chance(0.03) ? { env: [...env, ...dice.pick(leftovers)] } : {}),
    ...(dice.chance(0.1) ? { env: [...env, ...dice.pick(knots)] } : {}),
  };
}

/** Init containers; one in four runs on beside the others. */
export function randomInitContainer(name: string, volumes: readonly Volume[], dice: Dice) {
  const container = randomContainer(name, volumes, dice);
  return dice.chance(0.25) ? { ...container, restartPolicy: 'Always' } : container;
}

const images = [
  'app:1.2',
  'app',
  'reg.example:5000/a/b',
  'reg.example:5000/a/b:v3',
  `app@sha256:${'a1'.repeat(32)}`,
  `app:2@sha256:${'b2'.repeat(32)}`,
  `app@sha512:${'c3'.repeat(64)}`,
  'A/b:1',
  'app:latest',
  'httpd:2.4',
  'Upper:1',
] as const;

const sources = [
  { configMapRef: { name: 'c' } },
  { secretRef: { name: 's', optional: true } },
  { prefix: 'X_', configMapRef: { name: 'c' } },
] as const;

const commands = [
  ['java', '-jar', 'a.jar'],
  ['sh', '-c', 'run'],
  ['opentelemetry-instrument', 'python', 'a.py'],
  ['java', '-javaagent:/x/opentelemetry-javaagent.jar', '-jar', 'a.jar'],
] as const;

type Entries = readonly EnvVar[];

const field = (name: string, fieldPath: string) => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});
const node = field('OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', 'spec.nodeName');

/** Variables that look as if somebody had injected already. */
const leftovers: readonly [Entries, ...Entries[]] = [
  [{ name: 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', value: 'n' }],
  [node],
  [node, field('OTEL_NODE_IP', 'status.hostIP')],
  [node, field('OTEL_POD_IP', 'status.podIP')],
  [field('OTEL_POD_IP', 'status.podIP')],
];

const optional = { configMapKeyRef: { name: 'c', key: 'k', optional: true } };
const required = { secretKeyRef: { name: 's', key: 'k' } };
const own = 'OTEL_RESOURCE_ATTRIBUTES';

/** Entries that make a difference together, or seldom come up by chance. */
const knots: readonly [Entries, ...Entries[]] = [
  [
    { name: own, value: 'team=a' },
    { name: 'LOG', value: `$(${own})` },
  ],
  [{ name: 'LOG', value: `$(${own}_NODE_NAME)` }],
  [
    { name: own, value: 'first=1' },
    { name: own, value: 'second=2' },
  ],
  [{ name: own, value: 'service.name=stated,k8s.pod.name=mine' }],
  [{ name: own, valueFrom: optional }],
  [{ name: own, valueFrom: required }],
  [{ name: 'LD_LIBRARY_PATH', valueFrom: optional }],
  [{ name: 'LD_LIBRARY_PATH', valueFrom: required }],
  [
    { name: 'NODE_OPTIONS', value: '--one' },
    { name: 'NODE_OPTIONS', value: '--two' },
  ],
  [
    { name: 'JAVA_TOOL_OPTIONS', valueFrom: required },
    { name: 'PYTHONPATH', valueFrom: required },
  ],
];

const paths = [
  '/data',
  '/usr/local/apache2/conf',
  '/usr/local/apache2/conf/extra',
  '/usr/local/apache2/conf.d',
  '/etc/nginx/nginx.conf',
  '/etc/nginx',
  '/etc/nginx/',
  '/etc/nginx-extra',
  '/etc/nginx/conf.d',
  '/etc/httpd/conf',
  '/opt/nginx/conf',
] as const;

/** Paths that injection needs for itself. */
const wanted = [
  '/otel-auto-instrumentation-nodejs',
  '/otel-auto-instrumentation-secret-cli',
  '/opt/opentelemetry-webserver/agent',
] as const;

function randomMounts(volumes: readonly Volume[], dice: Dice): readonly Mount[] {
  const [first, ...others] = volumes;
  if (first === undefined) return [];
  const chosen = [...dice.some(paths, 0.05), ...dice.some(wanted, 0.01)];
  return chosen.map((mountPath, index) => ({
    name: dice.pick([first, ...others]).name,
    mountPath,
    ...(dice.chance(0.3) ? { readOnly: true } : {}),
    ...(dice.chance(0.2) ? { subPath: `part-${index}` } : {}),
  }));
}

const contents = [
  { emptyDir: {} },
  { configMap: { name: 'ca' } },
  { secret: { secretName: 'cli' } },
  { hostPath: { path: '/sys/kernel/debug' } },
] as const;

/** Names that injection needs for itself. */
const taken = [
  'opentelemetry-auto-instrumentation-java',
  'opentelemetry-auto-instrumentation-nodejs',
  'kernel-debug',
  'kernel-debug',
  'otel-apache-agent',
  'otel-nginx-conf-dir',
  'otel-auto-secret-cli',
  'otel-auto-secret-cli',
  'otel-auto-configmap-ca',
] as const;

export function randomVolumes(dice: Dice): readonly Volume[] {
  const usual = dice.some(['v1', 'v2', 'v3'], 0.5);
  const odd = dice.chance(0.15) ? [dice.pick(taken)] : [];
  return [...usual, ...odd].map((name): Volume => ({ name, ...dice.pick<Fields>(contents) }));
}

/** Containers that injection would add. */
const added = [
  'opentelemetry-auto-instrumentation-java',
  'otel-agent-source-container-clone',
  'otel-agent-attach-nginx',
  'opentelemetry-auto-instrumentation-extension-0',
  'opentelemetry-auto-instrumentation',
] as const;

export const strangers = (dice: Dice): readonly Container[] =>
  dice.chance(0.015) ? [{ name: dice.pick(added), image: 'x:1' }] : [];

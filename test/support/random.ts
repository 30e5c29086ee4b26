import { annotations as keys } from '../../crds/names.ts';
import { images } from '../../config/images.ts';
import { textAt, type JsonObject } from '../../domain/json.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import { languages, type Language } from '../../domain/injection/instrumentation/settings.ts';
import type { World } from '../../domain/injection/match.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import type { Dice } from './dice.ts';

/** One random case; the pod is one that an API server accepts. */
export interface Case {
  readonly pod: JsonObject;
  readonly instrumentations: readonly JsonObject[];
  readonly namespaceAnnotations: JsonObject;
  readonly namespaceLabels: JsonObject;
  readonly disabled: readonly Language[];
}

export function worldOf({ instrumentations, disabled, ...namespace }: Case): World {
  const { namespaceAnnotations: annotations, namespaceLabels: labels } = namespace;
  return {
    namespace: { name: 'shop', annotations, labels },
    instrumentations: indexInstrumentations(
      instrumentations.map(readInstrumentation).filter((one) => one !== undefined),
    ),
    defaults: { images, disabled },
  };
}

export function randomCase(dice: Dice): Case {
  const containers = ['app', 'web', 'worker', 'istio-proxy'].slice(0, 1 + dice.roll(4));
  if (dice.chance(0.1)) containers.reverse();
  const initContainers = dice.some(['wait', 'migrate', 'mesh'], 0.3);
  const asked = dice.chance(0.1)
    ? []
    : [...new Set(Array.from({ length: 1 + dice.roll(3) }, () => dice.pick(languages)))];
  const names = [...containers, ...initContainers];
  const onPod = Object.fromEntries(asked.flatMap((language) => askFor(language, names, dice)));
  const owner = randomOwner(dice);
  return {
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: 'shop',
        ...owner,
        annotations: { ...onPod, ...extraAnnotations(dice) },
        somethingNew: { kept: true },
      },
      spec: randomSpec(containers, initContainers, dice),
    },
    instrumentations: Array.from({ length: dice.pick([0, 1, 1, 1, 1, 2]) }, (_, index) =>
      randomInstrumentation(`inst-${index}`, dice),
    ),
    namespaceAnnotations: dice.chance(0.2)
      ? Object.fromEntries(
          dice.some(languages, 0.2).flatMap((language) => askFor(language, names, dice)),
        )
      : {},
    disabled: dice.chance(0.1) ? ['go'] : [],
    namespaceLabels: dice.chance(0.05)
      ? { 'pod-security.kubernetes.io/enforce': dice.pick(['baseline', 'restricted']) }
      : {},
  };
}

function askFor(language: Language, names: readonly string[], dice: Dice): [string, string][] {
  const value = dice.pick([
    'true',
    'true',
    'true',
    'TRUE',
    'inst-0',
    'inst-0',
    'shop/inst-0',
    'false',
    'ghost',
    'other/ghost',
    '/x',
    '',
  ]);
  const entries: [string, string][] = [[keys.inject(language), value]];
  if (dice.chance(0.7))
    entries.push([keys.languageContainerNames(language), randomList(names, dice)]);
  if (dice.chance(0.15)) entries.push([keys.containerNames, randomList(names, dice)]);
  if (language === 'python' && dice.chance(0.3))
    entries.push([keys.pythonPlatform, dice.pick(['musl', 'glibc', 'alpine'])]);
  if (language === 'dotnet' && dice.chance(0.3))
    entries.push([keys.dotnetRuntime, dice.pick(['linux-musl-x64', 'linux-x64', 'win-x64'])]);
  if (language === 'go' && dice.chance(0.7)) entries.push([keys.goTargetExecutable, '/app/run']);
  return entries;
}

function randomList(names: readonly string[], dice: Dice): string {
  const chosen = dice.some(names, 0.4);
  if (dice.chance(0.1)) chosen.push('ghost');
  if (dice.chance(0.1)) chosen.push(...chosen);
  if (dice.chance(0.03)) return 'app;web';
  return chosen.join(dice.chance(0.2) ? ', ' : ',') || names[0] || 'app';
}

function extraAnnotations(dice: Dice): JsonObject {
  return Object.fromEntries(
    dice.some<[string, string]>(
      [
        ['resource.opentelemetry.io/service.name', 'named by hand'],
        ['resource.opentelemetry.io/service.namespace', 'somewhere'],
        ['resource.opentelemetry.io/service.version', '7=8,9 %'],
        ['resource.opentelemetry.io/service.instance.id', ''],
        ['resource.opentelemetry.io/team', 'a,b=c'],
        ['resource.opentelemetry.io/k8s.deployment.name', 'other'],
        [keys.joinEnv, 'NODE_OPTIONS, PYTHONPATH,JAVA_TOOL_OPTIONS'],
        ['example.com/note', 'untouched'],
      ],
      0.12,
    ),
  );
}

function randomOwner(dice: Dice): JsonObject {
  const labels: JsonObject = {
    ...(dice.chance(0.3) ? { 'app.kubernetes.io/name': 'labelled' } : {}),
    ...(dice.chance(0.2) ? { 'app.kubernetes.io/version': 'v9' } : {}),
  };
  const owned = (kind: string, name: string, more: JsonObject = {}): JsonObject => ({
    generateName: `${name}-`,
    labels: { ...labels, ...more },
    ownerReferences: [
      {
        apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
        kind,
        name,
        uid: 'b7c2f3b0-0000-4000-8000-000000000001',
        controller: true,
      },
    ],
  });
  switch (dice.roll(6)) {
    case 0:
      return { name: 'alone', labels };
    case 1:
      return owned('StatefulSet', 'store');
    case 2:
      return owned('DaemonSet', 'agent');
    case 3:
      return owned('Job', 'report-29012345');
    case 4:
      return owned('ReplicaSet', 'cart-6f7d8', { 'rollouts-pod-template-hash': '6f7d8' });
    default:
      return owned('ReplicaSet', 'cart-6f7d8', { 'pod-template-hash': '6f7d8' });
  }
}

function randomSpec(
  containers: readonly string[],
  initContainers: readonly string[],
  dice: Dice,
): JsonObject {
  const volumes = randomVolumes(dice);
  const volumeNames = volumes.map((volume) => textAt(volume, 'name') ?? '');
  const init = initContainers.map((name): JsonObject => ({
    ...randomContainer(name, volumeNames, dice),
    ...(name === 'mesh' ? { restartPolicy: 'Always' } : {}),
  }));
  const hostPid = dice.chance(0.05);
  return {
    ...(init.length > 0 ? { initContainers: init } : {}),
    containers: containers.map((name) => randomContainer(name, volumeNames, dice)),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(dice.chance(0.15)
      ? {
          securityContext: { runAsNonRoot: true, ...(dice.chance(0.5) ? { runAsUser: 1000 } : {}) },
        }
      : {}),
    ...(dice.chance(0.1) ? { nodeName: 'node-1' } : {}),
    ...(hostPid ? { hostPID: true } : {}),
    ...(!hostPid && dice.chance(0.1) ? { shareProcessNamespace: dice.chance(0.5) } : {}),
    ...(dice.chance(0.02) ? { nodeSelector: { 'kubernetes.io/os': 'windows' } } : {}),
    somethingNew: [1, 2, 3],
  };
}

function randomVolumes(dice: Dice): JsonObject[] {
  return [
    ...dice.some<JsonObject>(
      [
        { name: 'data', emptyDir: {} },
        { name: 'conf', configMap: { name: 'conf' } },
      ],
      0.4,
    ),
    ...dice.some<JsonObject>(
      [
        { name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug' } },
        { name: 'otel-apache-agent', emptyDir: {} },
        { name: 'opentelemetry-auto-instrumentation-java', emptyDir: {} },
        { name: 'otel-auto-secret-cli', secret: { secretName: 'cli' } },
        { name: 'otel-auto-secret-cli-tls', emptyDir: {} },
      ],
      0.03,
    ),
  ];
}

const mountPaths = [
  '/data',
  '/usr/local/apache2/conf/extra',
  '/usr/local/apache2/conf.d',
  '/etc/nginx/nginx.conf',
  '/etc/nginx',
  '/etc/nginx-extra',
  '/otel-auto-instrumentation-nodejs',
  '/otel-auto-instrumentation-secret-cli',
] as const;

function randomContainer(name: string, volumes: readonly string[], dice: Dice): JsonObject {
  const env = randomEnv(dice);
  const paths = dice.some(mountPaths, 0.08);
  const [volume] = volumes;
  return {
    name,
    image: dice.pick([
      'shop/cart:3.4.1',
      'nginx:1.25.3',
      'Bad/Image',
      'host:5000/a/b@sha256:' + 'a1'.repeat(32),
      'plain',
    ]),
    ...(dice.chance(0.7) ? { env } : {}),
    ...(dice.chance(0.15)
      ? { envFrom: [{ configMapRef: { name: 'hidden', optional: dice.chance(0.5) } }] }
      : {}),
    ...(volume !== undefined && paths.length > 0
      ? { volumeMounts: paths.map((mountPath) => ({ name: volume, mountPath })) }
      : {}),
    ...(dice.chance(0.15) ? { securityContext: { runAsNonRoot: dice.chance(0.5) } } : {}),
    ...(dice.chance(0.05)
      ? { command: ['sh', '-c', 'opentelemetry-instrument python app.py'] }
      : {}),
    somethingNew: 'kept',
  };
}

const byKey = (optional?: boolean): JsonObject => ({
  configMapKeyRef: { name: 'c', key: 'k', ...(optional === undefined ? {} : { optional }) },
});

function randomEnv(dice: Dice): JsonObject[] {
  const source = (): JsonObject =>
    dice.pick<JsonObject>([
      { value: 'mine' },
      { value: '' },
      {},
      { valueFrom: byKey() },
      { valueFrom: byKey(true) },
    ]);
  const names = [
    'JAVA_TOOL_OPTIONS',
    'NODE_OPTIONS',
    'PYTHONPATH',
    'DOTNET_STARTUP_HOOKS',
    'DOTNET_SHARED_STORE',
    'CORECLR_PROFILER',
    'OTEL_DOTNET_AUTO_HOME',
    'LD_LIBRARY_PATH',
    'OTEL_SERVICE_NAME',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_TRACES_SAMPLER_ARG',
    'OTEL_NODE_IP',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
    'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME',
    'LOG',
  ];
  const entries = dice.some(names, 0.07).map((name): JsonObject => ({ name, ...source() }));
  if (dice.chance(0.2)) {
    const value = dice.pick([
      'team=risk',
      'team=risk,',
      'k8s.pod.name=own, service.name=mine',
      'service.version=1,x',
      '',
    ]);
    entries.splice(dice.roll(entries.length + 1), 0, {
      name: 'OTEL_RESOURCE_ATTRIBUTES',
      ...(dice.chance(0.7) ? { value } : source()),
    });
  }
  const known = entries.map((entry) => textAt(entry, 'name') ?? '');
  if (dice.chance(0.15))
    entries.push({
      name: 'AFTER',
      value: `x-$(${known[0] ?? 'NOTHING'})-$(OTEL_RESOURCE_ATTRIBUTES)`,
    });
  if (dice.chance(0.05)) entries.push({ name: 'LOG', value: 'twice' });
  return entries;
}

function randomInstrumentation(name: string, dice: Dice): JsonObject {
  const tls = {
    ...(dice.chance(0.7) ? { secretName: dice.pick(['cli', 'cli.tls']) } : {}),
    ...(dice.chance(0.4) ? { configMapName: `ca-${'long-'.repeat(12)}name` } : {}),
    ca_file: 'ca.crt',
  };
  const volume = dice.pick<JsonObject>([
    {},
    {},
    { volumeLimitSize: '50Mi' },
    { volumeClaimTemplate: { metadata: {}, spec: { resources: {} } } },
    {
      volumeClaimTemplate: {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    },
    { volumeClaimTemplate: { spec: { resources: { requests: { storage: '1Gi' } } } } },
  ]);
  const resources = dice.pick<JsonObject>([
    {},
    {},
    { limits: { memory: '32Mi' } },
    { requests: { cpu: '1' } },
    { limits: { cpu: '10m' }, requests: { cpu: '1' } },
  ]);
  const agent = (field: string, more: JsonObject = {}): JsonObject =>
    dice.chance(0.4) ? { ...volume, [field]: resources, env: randomCrEnv(dice), ...more } : {};
  return {
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { name, namespace: 'shop' },
    spec: {
      exporter: {
        endpoint: dice.pick([
          'http://otel.obs:4318',
          'http://otel.obs:4317',
          'http://$(OTEL_NODE_IP):4317',
          '',
        ]),
        ...(dice.chance(0.2) ? { tls } : {}),
      },
      ...(dice.chance(0.4) ? { propagators: ['tracecontext', 'baggage'] } : {}),
      ...(dice.chance(0.4)
        ? { sampler: { type: 'parentbased_traceidratio', argument: '0.5' } }
        : {}),
      ...(dice.chance(0.3)
        ? {
            resource: {
              addK8sUIDAttributes: true,
              resourceAttributes: { team: 'cr', 'k8s.node.name': 'n', 'bad key': 'a,b' },
            },
          }
        : {}),
      ...(dice.chance(0.2) ? { defaults: { useLabelsForResourceAttributes: true } } : {}),
      env: randomCrEnv(dice),
      ...(dice.chance(0.1) ? { imagePullPolicy: dice.pick(['Always', 'Sometimes']) } : {}),
      ...(dice.chance(0.1) ? { initContainerSecurityContext: { runAsNonRoot: true } } : {}),
      java: agent(
        'resources',
        dice.chance(0.3) ? { extensions: [{ image: 'ext:1', dir: '/ext' }] } : {},
      ),
      nodejs: agent('resourceRequirements'),
      python: agent('resourceRequirements'),
      dotnet: agent('resourceRequirements'),
      go: agent('resourceRequirements'),
      apacheHttpd: agent('resourceRequirements', {
        attrs: [{ name: 'ApacheModuleOtelMaxQueueSize', value: '9' }],
        configPath: dice.pick(['/usr/local/apache2/conf', '/etc/httpd/', '/']),
      }),
      nginx: agent('resourceRequirements', {
        configFile: dice.pick(['/etc/nginx/nginx.conf', '/opt/nginx/conf/main.conf']),
      }),
    },
  };
}

function randomCrEnv(dice: Dice): JsonObject[] {
  return dice.some<JsonObject>(
    [
      { name: 'OTEL_LOGS_EXPORTER', value: 'none' },
      { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'grpc' },
      { name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'from=cr' },
      { name: 'OTEL_RESOURCE_ATTRIBUTES', valueFrom: byKey() },
      { name: 'PYTHONPATH', valueFrom: byKey(true) },
      { name: 'JAVA_TOOL_OPTIONS', value: '-Xmx1g' },
      { name: 'OTEL_GO_AUTO_TARGET_EXE', value: '/cr/exe' },
      { name: 'OTEL_POD_IP', value: '10.0.0.1' },
      { name: 'NAMED', value: '$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)' },
      { name: 'BOTH', value: 'x', valueFrom: byKey() },
      { name: 'bad=name', value: 'x' },
    ],
    0.05,
  );
}

import type { Dice } from '../../support/dice.ts';
import type { EnvVar, Fields } from '../case.ts';

/** Values that the rules treat differently, for every variable they know. */
const values: Readonly<Record<string, readonly [string, ...string[]]>> = {
  JAVA_TOOL_OPTIONS: ['-Xmx256m', '', '-javaagent:/app/dd-java-agent.jar', '-javaagent:/otel.jar'],
  NODE_OPTIONS: [
    '--no-warnings',
    '',
    '--require @opentelemetry/auto-instrumentations-node/register',
  ],
  PYTHONPATH: ['/app', '/app:/lib', ''],
  DOTNET_STARTUP_HOOKS: ['/hooks/a.dll', ''],
  DOTNET_ADDITIONAL_DEPS: ['/deps'],
  DOTNET_SHARED_STORE: ['/store', ''],
  CORECLR_ENABLE_PROFILING: ['0', '1'],
  CORECLR_PROFILER: ['{X}', '{846F5F1C-F9AE-4B07-969E-05C26BC060D8}'],
  CORECLR_PROFILER_PATH: ['/p.so'],
  OTEL_DOTNET_AUTO_HOME: ['/home'],
  LD_LIBRARY_PATH: ['/opt', ''],
  OTEL_SERVICE_NAME: ['svc', '', 'two words', '$(POD)'],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    'http://own:4317',
    'http://own:4318',
    'http://$(OTEL_NODE_IP):4317',
  ],
  OTEL_EXPORTER_OTLP_PROTOCOL: ['grpc', 'http/protobuf'],
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ['grpc'],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['http://traces:4317'],
  OTEL_EXPORTER_OTLP_CERTIFICATE: ['/mine.crt'],
  OTEL_RESOURCE_ATTRIBUTES: [
    'team=a',
    'team=a,',
    '',
    'k8s.pod.name=mine,a=b',
    'service.version=9',
    'service.name=stated,x=y',
    'a=b=c, d = e',
    'k8s.deployment.name=own',
    'k8s.node.name=n,k8s.namespace.name=z',
    'note=has service.version inside',
    'pod=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)',
    'broken',
    'service.namespace=own,service.instance.id=i',
    'esc=a%20b,p=50%',
  ],
  OTEL_RESOURCE_ATTRIBUTES_POD_NAME: ['handmade'],
  OTEL_PROPAGATORS: ['b3'],
  OTEL_TRACES_SAMPLER: ['always_off'],
  OTEL_TRACES_SAMPLER_ARG: ['0.5'],
  OTEL_METRICS_EXPORTER: ['none'],
  OTEL_TRACES_EXPORTER: ['console'],
  OTEL_NODE_IP: ['1.2.3.4'],
  OTEL_POD_IP: ['1.2.3.5'],
  OTEL_GO_AUTO_TARGET_EXE: ['/go'],
  JAVA_OPTS: ['-Xss1m', '-javaagent:/x/opentelemetry-javaagent.jar'],
  LOG: [
    'info',
    '$(OTEL_RESOURCE_ATTRIBUTES)',
    '$(OTEL_SERVICE_NAME)',
    '$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)',
  ],
};

const names = Object.keys(values) as [string, ...string[]];

/** A few entries, some by reference; seldom two of one name. */
export function randomEnv(most: number, referenced: number, dice: Dice): readonly EnvVar[] {
  const entries = Array.from({ length: dice.roll(most + 1) }, () => randomEntry(referenced, dice));
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return dice.chance(0.7) ? [...byName.values()] : entries;
}

function randomEntry(referenced: number, dice: Dice): EnvVar {
  const name = dice.pick(names);
  if (dice.chance(referenced)) return { name, valueFrom: randomReference(dice) };
  const value = dice.pick(values[name] ?? ['']);
  return value === '' && dice.chance(0.5) ? { name } : { name, value };
}

const randomReference = (dice: Dice) =>
  dice.pick<Readonly<Record<string, Fields>>>([
    { configMapKeyRef: { name: 'c', key: 'k' } },
    { configMapKeyRef: { name: 'c', key: 'k', optional: true } },
    { secretKeyRef: { name: 's', key: 'k', optional: false } },
    { secretKeyRef: { name: 's', key: 'k', optional: true } },
    { fieldRef: { fieldPath: 'metadata.name' } },
    { resourceFieldRef: { resource: 'limits.cpu' } },
  ]);

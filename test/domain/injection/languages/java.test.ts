import test from 'ava';
import { listAt } from '../../../../domain/json.ts';
import {
  admitted,
  containerOf,
  environmentOf,
  podOf,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const volume = 'opentelemetry-auto-instrumentation-java';
const jar = '/otel-auto-instrumentation-java-app/javaagent.jar';

test('an init container copies the agent into the volume', (t) => {
  t.deepEqual(containerOf(admitted('java'), volume), {
    name: volume,
    image: 'ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0',
    command: ['cp', '/javaagent.jar', '/otel-auto-instrumentation-java/javaagent.jar'],
    resources: {
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '50m', memory: '64Mi' },
    },
    volumeMounts: [{ name: volume, mountPath: '/otel-auto-instrumentation-java' }],
  });
});

test('each container sees the agent at a path of its own', (t) => {
  t.deepEqual(listAt(containerOf(admitted('java')), 'volumeMounts'), [
    { name: volume, mountPath: '/otel-auto-instrumentation-java-app' },
  ]);
});

const options = test.macro((t, scene: Scene, expected: string) => {
  t.is(valueOf(admitted('java', scene), 'JAVA_TOOL_OPTIONS'), expected);
});

const having = (value: string) => ({ env: [{ name: 'JAVA_TOOL_OPTIONS', value }] });
const extension = { java: { extensions: [{ image: 'ext:1', dir: '/extra' }] } };

test('the JVM is told to load the agent', options, {}, ` -javaagent:${jar}`);
test(
  'options that are there come first',
  options,
  { container: having('-Xmx1g') },
  `-Xmx1g -javaagent:${jar}`,
);
test(
  'options of the Instrumentation come first',
  options,
  { spec: { env: having('-Xmx1g').env } },
  `-Xmx1g -javaagent:${jar}`,
);
test(
  'extensions are looked for beside the agent',
  options,
  { spec: extension },
  ` -javaagent:${jar} -Dotel.javaagent.extensions=/otel-auto-instrumentation-java-app/extensions`,
);

test('extensions are copied in their order, after the agent and as it is', (t) => {
  const admission = admitted('java', {
    container: { securityContext: { runAsUser: 7 } },
    spec: {
      imagePullPolicy: 'Always',
      java: {
        resources: { limits: {}, requests: {} },
        extensions: [
          { image: 'ext:1', dir: '/extra' },
          { image: 'ext:2', dir: '/more' },
        ],
      },
    },
  });
  const [agent, ...extensions] = podOf(admission).initContainers;
  t.is(agent?.['imagePullPolicy'], 'Always');
  t.deepEqual(
    extensions,
    ['extra', 'more'].map((name, index) => ({
      name: `opentelemetry-auto-instrumentation-extension-${index}`,
      image: `ext:${index + 1}`,
      command: ['cp', '-r', `/${name}/.`, '/otel-auto-instrumentation-java/extensions'],
      resources: { limits: {}, requests: {} },
      securityContext: { runAsUser: 7 },
      volumeMounts: [{ name: volume, mountPath: '/otel-auto-instrumentation-java' }],
    })),
  );
});

test('for an init container the order is agent, extensions, target', (t) => {
  const admission = admitted('java', {
    pod: {
      initContainers: [
        { name: 'first', image: 'a' },
        { name: 'migrate', image: 'b' },
      ],
    },
    annotations: { 'instrumentation.opentelemetry.io/java-container-names': 'app,migrate' },
    spec: extension,
  });
  t.deepEqual(
    podOf(admission).initContainers.map(({ name }) => name),
    ['first', volume, 'opentelemetry-auto-instrumentation-extension-0', 'migrate'],
  );
  t.regex(valueOf(admission, 'JAVA_TOOL_OPTIONS', 'migrate') ?? '', /java-migrate\/javaagent\.jar/);
  t.regex(valueOf(admission, 'JAVA_TOOL_OPTIONS', 'app') ?? '', /java-app\/javaagent\.jar/);
});

test('the environment of a Deployment’s pod is in the operator’s order', (t) => {
  const admission = admitted('java', {
    container: {
      image: 'registry.shop.example/cart:3.4.1',
      env: [...having('-Xmx256m').env, { name: 'LOG', value: 'info' }],
    },
    spec: {
      exporter: { endpoint: 'http://otel.obs:4318' },
      sampler: { type: 'always_on' },
      env: [{ name: 'OTEL_METRIC_EXPORT_INTERVAL', value: '15000' }],
      java: { env: [{ name: 'OTEL_LOGS_EXPORTER', value: 'none' }] },
    },
    owner: { kind: 'deployment', name: 'cart' },
  });
  t.deepEqual(environmentOf(admission), [
    'OTEL_NODE_IP from status.hostIP',
    'OTEL_POD_IP from status.podIP',
    `JAVA_TOOL_OPTIONS=-Xmx256m -javaagent:${jar}`,
    'LOG=info',
    'OTEL_LOGS_EXPORTER=none',
    'OTEL_METRIC_EXPORT_INTERVAL=15000',
    'OTEL_SERVICE_NAME=cart',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://otel.obs:4318',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAME from metadata.name',
    'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME from spec.nodeName',
    'OTEL_TRACES_SAMPLER=always_on',
    'OTEL_RESOURCE_ATTRIBUTES=k8s.container.name=app,k8s.deployment.name=cart,k8s.namespace.name=shop,k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME),k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),service.instance.id=shop.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).app,service.namespace=shop,service.version=3.4.1',
  ]);
});

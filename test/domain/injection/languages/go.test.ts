import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import { member, type JsonObject } from '../../../../domain/json.ts';
import {
  aContainer,
  admitted,
  containerOf,
  environmentOf,
  notesOf,
  podOf,
  refusalsOf,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const sidecar = 'opentelemetry-auto-instrumentation';
const target = { [keys.goTargetExecutable]: '/app/cart' };
const list = (names: string) => ({ [keys.languageContainerNames('go')]: names });
const go = (scene: Scene = {}) =>
  admitted('go', { ...scene, annotations: { ...target, ...scene.annotations } });
const set = (name: string, value: string) => ({ env: [{ name, value }] });
const two = { containers: [aContainer(), aContainer({ name: 'web', image: 'web:9' })] };

test('a privileged sidecar watches from the end of the containers', (t) => {
  const admission = go({ pod: two, spec: { imagePullPolicy: 'Always' } });
  t.deepEqual(
    podOf(admission).containers.map(({ name }) => name),
    ['app', 'web', sidecar],
  );
  const { env: _env, ...rest } = containerOf(admission, sidecar);
  t.deepEqual(rest, {
    name: sidecar,
    image: 'ghcr.io/open-telemetry/opentelemetry-go-instrumentation/autoinstrumentation-go:v0.24.0',
    imagePullPolicy: 'Always',
    resources: {
      limits: { cpu: '500m', memory: '256Mi' },
      requests: { cpu: '50m', memory: '64Mi' },
    },
    securityContext: { runAsUser: 0, privileged: true },
    volumeMounts: [{ name: 'kernel-debug', mountPath: '/sys/kernel/debug' }],
  });
});

test('the pod shares its processes and shows the kernel’s', (t) => {
  const pod = podOf(go());
  t.is(pod.spec['shareProcessNamespace'], true);
  t.deepEqual(pod.volumes, [{ name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug' } }]);
});

test('the application stays as it is', (t) => {
  t.deepEqual(containerOf(go({ container: set('A', '1') })), aContainer(set('A', '1')));
});

test('the sidecar’s variables speak of the application', (t) => {
  const admission = go({ pod: two, annotations: list('web'), spec: { go: set('B', '2') } });
  t.deepEqual(environmentOf(admission, sidecar), [
    'OTEL_NODE_IP from status.hostIP',
    'OTEL_POD_IP from status.podIP',
    'OTEL_GO_AUTO_TARGET_EXE=/app/cart',
    'B=2',
    'OTEL_SERVICE_NAME=web',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAME from metadata.name',
    'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME from spec.nodeName',
    'OTEL_RESOURCE_ATTRIBUTES=k8s.container.name=web,k8s.namespace.name=shop,k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME),k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),service.instance.id=shop.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).web,service.namespace=shop,service.version=9',
  ]);
  t.deepEqual(admission.kind === 'injected' ? admission.given[0]?.containers : [], ['web']);
});

test('what the application says of itself goes along', (t) => {
  const admission = go({
    container: {
      env: [
        { name: 'OTEL_SERVICE_NAME', value: 'mine' },
        { name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'team=a' },
      ],
    },
  });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', sidecar), 'mine');
  t.regex(valueOf(admission, 'OTEL_RESOURCE_ATTRIBUTES', sidecar) ?? '', /^team=a,k8s/);
});

test('what the application says by reference to its own variables does not', (t) => {
  const admission = go({ container: set('OTEL_SERVICE_NAME', '$(NAME)') });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', sidecar), 'app');
});

test('the language’s settings outrank what the application says', (t) => {
  const admission = go({
    container: set('OTEL_SERVICE_NAME', 'mine'),
    spec: { go: set('OTEL_SERVICE_NAME', 'theirs') },
  });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', sidecar), 'theirs');
});

test('a security context of the Instrumentation replaces the privileged one', (t) => {
  const securityContext = { runAsUser: 0, capabilities: { add: ['SYS_PTRACE'] } };
  const admission = go({ spec: { go: { securityContext } } });
  t.deepEqual(containerOf(admission, sidecar)['securityContext'], securityContext);
});

const executable = test.macro((t, scene: Scene, expected: string) => {
  t.is(valueOf(admitted('go', scene), 'OTEL_GO_AUTO_TARGET_EXE', sidecar), expected);
});

const settings = set('OTEL_GO_AUTO_TARGET_EXE', '/settings');
test(
  'the pod’s annotation names the executable',
  executable,
  { annotations: target, spec: { go: settings } },
  '/app/cart',
);
test(
  'an empty annotation counts as named',
  executable,
  { annotations: { [keys.goTargetExecutable]: '' }, spec: { go: settings } },
  '',
);
test(
  'else the language’s settings name it',
  executable,
  { spec: { go: settings, ...set('OTEL_GO_AUTO_TARGET_EXE', '/all') } },
  '/settings',
);
test('else the settings for all languages', executable, { spec: settings }, '/settings');

const refused = test.macro((t, scene: Scene, ...expected: readonly string[]) => {
  const admission = admitted('go', scene);
  t.is(admission.kind, 'declined');
  t.deepEqual(refusalsOf(admission), expected);
  t.is(
    member(podOf(admission).spec, 'shareProcessNamespace'),
    scene.pod?.['shareProcessNamespace'],
  );
  t.false(podOf(admission).containers.some(({ env }) => env !== undefined));
  t.deepEqual(podOf(admission).volumes, scene.pod?.['volumes'] ?? []);
});

const withTarget = (pod: JsonObject): Scene => ({ pod, annotations: target });
test('no executable: refused', refused, {}, 'TargetExecutableMissing app');
test(
  'an executable named by the namespace is none',
  refused,
  { world: { annotations: target } },
  'TargetExecutableMissing app',
);
test(
  'processes that the pod will not share: refused',
  refused,
  withTarget({ shareProcessNamespace: false }),
  'ProcessNamespaceNotShared',
);
test(
  'a pod without root: refused',
  refused,
  withTarget({ securityContext: { runAsNonRoot: true } }),
  'RootRequired',
);
test(
  'a container that is not there: refused',
  refused,
  { annotations: { ...target, ...list('ghost') } },
  'UnknownContainer ghost',
);
test(
  'an init container: refused',
  refused,
  { pod: { initContainers: [{ name: 'setup' }] }, annotations: { ...target, ...list('setup') } },
  'InitContainerUnsupported setup',
);
test(
  'a volume of that name for something else: refused',
  refused,
  withTarget({ volumes: [{ name: 'kernel-debug', emptyDir: {} }] }),
  'NameTaken kernel-debug',
);
test(
  'a volume of the exporter’s name for something else: refused',
  refused,
  {
    ...withTarget({ volumes: [{ name: 'otel-auto-secret-s', emptyDir: {} }] }),
    spec: { exporter: { tls: { secretName: 's' } } },
  },
  'NameTaken otel-auto-secret-s',
);
test(
  'attributes of the Instrumentation that cannot be joined: refused',
  refused,
  {
    annotations: target,
    spec: {
      go: {
        env: [
          {
            name: 'OTEL_RESOURCE_ATTRIBUTES',
            valueFrom: { configMapKeyRef: { name: 'a', key: 'b', optional: true } },
          },
        ],
      },
    },
  },
  'EnvironmentByReference app',
);

test('the first container of the list is served, the others are told', (t) => {
  const admission = go({ pod: two, annotations: list('web,app,ghost') });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', sidecar), 'web');
  t.deepEqual(refusalsOf(admission), ['UnknownContainer ghost', 'OneContainerOnly app']);
});

test('an init container of the sidecar’s name is in its way', (t) => {
  const admission = go({ pod: { initContainers: [aContainer({ name: sidecar })] } });
  t.deepEqual(refusalsOf(admission), [`NameTaken ${sidecar}`]);
});

test('root is no question where the Instrumentation settles it', (t) => {
  const admission = go({
    pod: { securityContext: { runAsNonRoot: true } },
    spec: { go: { securityContext: { runAsUser: 0, runAsNonRoot: false } } },
  });
  t.is(admission.kind, 'injected');
});

test('in the node’s process namespace there is nothing to share', (t) => {
  const admission = go({ pod: { hostPID: true, shareProcessNamespace: false } });
  t.is(admission.kind, 'injected');
  t.is(podOf(admission).spec['shareProcessNamespace'], false);
});

test('a native sidecar is no init container', (t) => {
  const admission = go({
    pod: { initContainers: [aContainer({ name: 'proxy', restartPolicy: 'Always' })] },
    annotations: list('proxy'),
  });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', sidecar), 'proxy');
});

test('the kernel’s directory is mounted once where the pod has it already', (t) => {
  const volumes = [{ name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug', type: '' } }];
  t.deepEqual(podOf(go({ pod: { volumes } })).volumes, volumes);
});

test('certificates are the sidecar’s', (t) => {
  const admission = go({ spec: { exporter: { tls: { secretName: 's', ca_file: 'ca' } } } });
  t.deepEqual(
    podOf(admission).volumes.map(({ name }) => name),
    ['kernel-debug', 'otel-auto-secret-s'],
  );
  t.like(containerOf(admission, sidecar), {
    volumeMounts: [{ name: 'kernel-debug' }, { name: 'otel-auto-secret-s', readOnly: true }],
  });
});

test('a port for gRPC has the protocol spelt out', (t) => {
  const admission = go({ spec: { exporter: { endpoint: 'http://collector:4317' } } });
  t.is(valueOf(admission, 'OTEL_EXPORTER_OTLP_PROTOCOL', sidecar), 'grpc');
  t.deepEqual(notesOf(admission), []);
});

test('a missing endpoint and a port that does not fit are told', (t) => {
  t.deepEqual(notesOf(go()), ['EndpointMissing app']);
  const spec = {
    exporter: { endpoint: 'http://collector:4317' },
    go: set('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf'),
  };
  t.deepEqual(notesOf(go({ spec })), [
    'ProtocolMismatch app http://collector:4317 with http/protobuf',
  ]);
});

test('a Job that would never complete is told of, with whatever else there is to tell', (t) => {
  const owner = { kind: 'job', name: 'import' } as const;
  t.deepEqual(notesOf(go({ owner })), ['SidecarOutlivesJob app', 'EndpointMissing app']);
  t.deepEqual(notesOf(go({ owner: { kind: 'deployment', name: 'cart' } })), [
    'EndpointMissing app',
  ]);
});

test('a pod with users of its own is refused', (t) => {
  const admission = admitted('go', withTarget({ hostUsers: false }));
  t.deepEqual(refusalsOf(admission), ['UnsupportedPlatform hostUsers: false']);
  t.is(admitted('go', withTarget({ hostUsers: true })).kind, 'injected');
  t.is(admitted('java', { pod: { hostUsers: false } }).kind, 'injected');
});

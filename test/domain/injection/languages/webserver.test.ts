import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import { listAt, member, type Json, type JsonObject } from '../../../../domain/json.ts';
import {
  aContainer,
  admitted,
  asking,
  containerOf,
  environmentOf,
  notesOf,
  podOf,
  refusalsOf,
  valueOf,
  type Scene,
} from '../../../support/build.ts';

const cloneName = 'otel-agent-source-container-clone';
const attachName = 'otel-agent-attach-nginx';
const agent = '/opt/opentelemetry-webserver/agent';
const list = (names: string) => ({ [keys.languageContainerNames('nginx')]: names });
const nginx = (scene: Scene = {}) => admitted('nginx', scene);
const namesOf = (admission: ReturnType<typeof nginx>, key: 'initContainers' | 'volumes') =>
  podOf(admission)[key].map(({ name }) => name);

test('two init containers are added at the end', (t) => {
  const admission = nginx({ pod: { initContainers: [aContainer({ name: 'setup' })] } });
  t.deepEqual(namesOf(admission, 'initContainers'), ['setup', cloneName, attachName]);
});

test('its volumes come before the exporter’s', (t) => {
  const admission = nginx({
    pod: { volumes: [{ name: 'cache', emptyDir: {} }] },
    spec: { exporter: { tls: { secretName: 's' } } },
  });
  t.deepEqual(namesOf(admission, 'volumes'), [
    'cache',
    'otel-nginx-conf-dir',
    'otel-nginx-agent',
    'otel-auto-secret-s',
  ]);
});

test('the server’s variables are the usual ones, its library path before them', (t) => {
  const names = environmentOf(nginx()).map((line) => line.split(/=| from /)[0]);
  t.deepEqual(names, [
    'OTEL_NODE_IP',
    'OTEL_POD_IP',
    'LD_LIBRARY_PATH',
    'OTEL_SERVICE_NAME',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
    'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME',
    'OTEL_RESOURCE_ATTRIBUTES',
  ]);
});

const two = { containers: [aContainer({ name: 'a' }), aContainer({ name: 'b' })] };

test('the first container of the list is served, the others are told', (t) => {
  const admission = nginx({ pod: two, annotations: list('b,a,ghost') });
  t.deepEqual(refusalsOf(admission), ['UnknownContainer ghost', 'OneContainerOnly a']);
  t.deepEqual(admission.kind === 'injected' ? admission.given[0]?.containers : [], ['b']);
  t.deepEqual(containerOf(admission, 'a'), aContainer({ name: 'a' }));
});

test('an init container is passed over, and told', (t) => {
  const admission = nginx({
    pod: { initContainers: [aContainer({ name: 'setup' })] },
    annotations: list('setup,app'),
  });
  t.deepEqual(refusalsOf(admission), ['InitContainerUnsupported setup']);
  t.deepEqual(admission.kind === 'injected' ? admission.given[0]?.containers : [], ['app']);
});

test('a native sidecar can be the server, and its files come before it', (t) => {
  const proxy = aContainer({ name: 'proxy', restartPolicy: 'Always' });
  const admission = nginx({ pod: { initContainers: [proxy] }, annotations: list('proxy') });
  t.deepEqual(namesOf(admission, 'initContainers'), [cloneName, attachName, 'proxy']);
});

test('Apache and Nginx cannot share a pod: the first is served', (t) => {
  const admission = nginx({
    pod: two,
    annotations: {
      ...asking('apache-httpd'),
      [keys.languageContainerNames('apache-httpd')]: 'a',
      ...list('b'),
    },
  });
  t.deepEqual(refusalsOf(admission), ['AgentsExclude']);
  t.deepEqual(namesOf(admission, 'initContainers'), [cloneName, 'otel-agent-attach-apache']);
  t.deepEqual(containerOf(admission, 'b'), aContainer({ name: 'b' }));
});

const refused = test.macro((t, scene: Scene, expected: string) => {
  const admission = nginx(scene);
  t.is(admission.kind, 'declined');
  t.deepEqual(refusalsOf(admission), [expected]);
  t.deepEqual(namesOf(admission, 'initContainers'), []);
  t.deepEqual(podOf(admission).volumes, scene.pod?.['volumes'] ?? []);
});

const mounting = (...paths: readonly string[]) => ({
  volumeMounts: paths.map((mountPath, index) => ({ name: `own-${index}`, mountPath })),
});

for (const name of ['otel-nginx-conf-dir', 'otel-nginx-agent']) {
  test(
    `a volume called ${name} is in the way`,
    refused,
    { pod: { volumes: [{ name, emptyDir: {} }] } },
    `NameTaken ${name}`,
  );
}
test(
  'a mount where the agent lies is in the way',
  refused,
  { container: mounting(agent) },
  `NameTaken app ${agent}`,
);
test(
  'a mount where the copy is made is in the way',
  refused,
  { container: mounting('/opt/opentelemetry-webserver/source-conf') },
  'NameTaken app /opt/opentelemetry-webserver/source-conf',
);
test(
  'a volume of the exporter’s name is in the way',
  refused,
  {
    pod: { volumes: [{ name: 'otel-auto-secret-s', emptyDir: {} }] },
    spec: { exporter: { tls: { secretName: 's' } } },
  },
  'NameTaken otel-auto-secret-s',
);
test(
  'attributes that may be missing are not joined',
  refused,
  {
    container: {
      env: [
        {
          name: 'OTEL_RESOURCE_ATTRIBUTES',
          valueFrom: { configMapKeyRef: { name: 'a', key: 'b', optional: true } },
        },
      ],
    },
  },
  'EnvironmentByReference app OTEL_RESOURCE_ATTRIBUTES',
);

test('a container of the init container’s name is in the way', (t) => {
  const admission = nginx({
    pod: { containers: [aContainer(), aContainer({ name: attachName })] },
    annotations: list('app'),
  });
  t.deepEqual(refusalsOf(admission), [`NameTaken ${attachName}`]);
});

const said = test.macro((t, scene: Scene, directive: string, expected: string) => {
  const conf = valueOf(nginx(scene), 'OTEL_NGINX_AGENT_CONF', attachName) ?? '';
  const line = conf.split('\n').find((one) => one.startsWith(`${directive} `));
  t.is(line, `${directive} ${expected};`);
});

const env = (name: string, value: string) => ({ env: [{ name, value }] });
test(
  'without an endpoint the module sends to localhost',
  said,
  {},
  'NginxModuleOtelExporterEndpoint',
  'http://localhost:4317/',
);
test(
  'the container’s endpoint is the module’s, for it reads no variables',
  said,
  { container: env('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://mine:4317') },
  'NginxModuleOtelExporterEndpoint',
  'http://mine:4317',
);
test(
  'the container’s name for the service is the module’s',
  said,
  { container: env('OTEL_SERVICE_NAME', 'mine') },
  'NginxModuleServiceName',
  'mine',
);
test(
  'a name by reference to the container’s variables is not',
  said,
  { container: env('OTEL_SERVICE_NAME', '$(NAME)') },
  'NginxModuleServiceName',
  'app',
);
test(
  'an endpoint may refer to the node’s address',
  said,
  { spec: { exporter: { endpoint: 'http://$(OTEL_NODE_IP):4317' } } },
  'NginxModuleOtelExporterEndpoint',
  'http://$(OTEL_NODE_IP):4317',
);
test(
  'the namespace is the pod’s',
  said,
  { annotations: { 'resource.opentelemetry.io/service.namespace': 'x' } },
  'NginxModuleServiceNamespace',
  'shop',
);

test('variables that the module’s configuration refers to are there before it', (t) => {
  const names = environmentOf(
    nginx({ spec: { env: [{ name: 'A', value: '1' }], nginx: env('B', '2') } }),
    attachName,
  ).map((line) => line.split(/=| from /)[0]);
  t.deepEqual(names, [
    'B',
    'A',
    'OTEL_POD_IP',
    'OTEL_NODE_IP',
    'OTEL_NGINX_AGENT_CONF',
    'OTEL_NGINX_SERVICE_INSTANCE_ID',
  ]);
});

const mounts = test.macro((t, paths: readonly string[], kept: readonly string[]) => {
  const admission = nginx({ container: mounting(...paths) });
  const found = (listAt(containerOf(admission), 'volumeMounts') ?? []) as readonly JsonObject[];
  t.deepEqual(
    found.map((mount) => mount['mountPath']),
    [...kept, agent, '/etc/nginx'] as readonly Json[],
  );
  const clone = (listAt(containerOf(admission, cloneName), 'volumeMounts') ??
    []) as readonly JsonObject[];
  t.deepEqual(
    clone.map((mount) => mount['mountPath']),
    [...paths, '/opt/opentelemetry-webserver/source-conf'] as readonly Json[],
  );
});

test(
  'a mount over the configuration gives way to the copy',
  mounts,
  ['/etc/nginx', '/data'],
  ['/data'],
);
test(
  'a mount inside the configuration does too',
  mounts,
  ['/etc/nginx/conf.d', '/etc/nginx/nginx.conf'],
  [],
);
test('a slash at the end makes no difference', mounts, ['/etc/nginx/', '/etc//nginx/ssl/'], []);
test(
  'a mount whose path begins alike is kept',
  mounts,
  ['/etc/nginx-extra', '/mnt/etc/nginx'],
  ['/etc/nginx-extra', '/mnt/etc/nginx'],
);

const contexts = test.macro(
  (t, scene: Scene, clone: Json | undefined, attach: Json | undefined) => {
    const admission = nginx(scene);
    t.deepEqual(member(containerOf(admission, cloneName), 'securityContext'), clone);
    t.deepEqual(member(containerOf(admission, attachName), 'securityContext'), attach);
  },
);

test(
  'both take over the server’s security context',
  contexts,
  { container: { securityContext: { runAsUser: 7 } } },
  { runAsUser: 7 },
  { runAsUser: 7 },
);
test(
  'the Instrumentation’s outranks it',
  contexts,
  {
    container: { securityContext: { runAsUser: 7 } },
    spec: { initContainerSecurityContext: { runAsUser: 8 } },
  },
  { runAsUser: 8 },
  { runAsUser: 8 },
);
test(
  'in a pod without root both are the same user, so that one can change what the other copied',
  contexts,
  { pod: { securityContext: { runAsNonRoot: true } } },
  { runAsUser: 65_532 },
  { runAsUser: 65_532 },
);

test('a port that does not fit the module is told', (t) => {
  const spec = { exporter: { endpoint: 'http://collector:4318' } };
  t.deepEqual(notesOf(nginx({ spec })), ['ProtocolMismatch app http://collector:4318 with grpc']);
});

test('the copy of the original sees what the original sees', (t) => {
  const envFrom = [{ secretRef: { name: 'x' } }];
  const admission = nginx({
    container: { envFrom, ...env('A', '1') },
    spec: { nginx: env('B', '2') },
  });
  t.deepEqual(listAt(containerOf(admission, cloneName), 'envFrom'), envFrom);
  t.deepEqual(environmentOf(admission, cloneName), ['A=1', 'B=2']);
});

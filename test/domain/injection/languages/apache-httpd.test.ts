import test from 'ava';
import type { JsonObject } from '../../../../domain/json.ts';
import {
  admitted,
  containerOf,
  podOf,
  valueOf,
  wordsOf,
  type Scene,
} from '../../../support/build.ts';
import { aRoot } from '../../../support/shell.ts';

const agent = '/opt/opentelemetry-webserver/agent';
const staging = '/opt/opentelemetry-webserver/source-conf';
const conf = (scene: Scene = {}) =>
  valueOf(admitted('apache-httpd', scene), 'OTEL_APACHE_AGENT_CONF', 'otel-agent-attach-apache');

test('the module’s configuration loads its libraries and then says what it knows', (t) => {
  t.is(
    conf({
      spec: { exporter: { endpoint: 'http://collector:4317' } },
      owner: { kind: 'deployment', name: 'web' },
    }),
    `
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_common.so
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_resources.so
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_trace.so
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_otlp_recordable.so
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_exporter_ostream_span.so
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_exporter_otlp_grpc.so
LoadFile ${agent}/sdk_lib/lib/libopentelemetry_webserver_sdk.so
LoadModule otel_apache_module ${agent}/WebServerModule/Apache/libmod_apache_otel.so
ApacheModuleEnabled ON
ApacheModuleOtelExporterEndpoint http://collector:4317
ApacheModuleOtelSpanExporter otlp
ApacheModuleResolveBackends  ON
ApacheModuleServiceInstanceId <<SID-PLACEHOLDER>>
ApacheModuleServiceName web
ApacheModuleServiceNamespace shop
ApacheModuleTraceAsError  ON
`,
  );
});

const module = test.macro((t, version: string, file: string) => {
  t.regex(conf({ spec: { apacheHttpd: { version } } }) ?? '', new RegExp(`/Apache/${file}\n`));
});

test('Apache 2.2 has a module of its own', module, '2.2', 'libmod_apache_otel22.so');
test('every other version has the usual module', module, '2.2.1', 'libmod_apache_otel.so');

test('directives of the Instrumentation override and extend', (t) => {
  const attrs = [
    { name: 'ApacheModuleEnabled', value: 'OFF' },
    { name: 'ApacheModuleDebug', value: 'ON' },
  ];
  const lines = (conf({ spec: { apacheHttpd: { attrs } } }) ?? '').split('\n');
  t.is(
    lines.filter((line) => line.startsWith('ApacheModuleEnabled')).join(),
    'ApacheModuleEnabled OFF',
  );
  t.is(lines.indexOf('ApacheModuleDebug ON') + 1, lines.indexOf('ApacheModuleEnabled OFF'));
});

test('the original’s image copies its configuration, the agent’s image adds to the copy', (t) => {
  const admission = admitted('apache-httpd', {
    container: { image: 'httpd:2.4', imagePullPolicy: 'Never', livenessProbe: { httpGet: {} } },
    spec: { imagePullPolicy: 'Always' },
  });
  const resources = {
    limits: { cpu: '500m', memory: '256Mi' },
    requests: { cpu: '1m', memory: '128Mi' },
  };
  t.deepEqual(containerOf(admission, 'otel-agent-source-container-clone'), {
    name: 'otel-agent-source-container-clone',
    image: 'httpd:2.4',
    imagePullPolicy: 'Never',
    command: ['cp', '-r', '/usr/local/apache2/conf/.', staging],
    volumeMounts: [{ name: 'otel-apache-conf-dir', mountPath: staging }],
    resources,
  });
  const attach = containerOf(admission, 'otel-agent-attach-apache');
  t.like(attach, {
    image: 'ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-apache-httpd:1.0.4',
    imagePullPolicy: 'Always',
    command: ['/bin/sh', '-c'],
    volumeMounts: [
      { name: 'otel-apache-agent', mountPath: agent },
      { name: 'otel-apache-conf-dir', mountPath: staging },
    ],
    resources,
  });
  t.deepEqual(wordsOf(attach, 'args').slice(1), ['--', '/usr/local/apache2/conf']);
});

const volumes = test.macro((t, apacheHttpd: JsonObject, ...expected: readonly JsonObject[]) => {
  t.deepEqual(podOf(admitted('apache-httpd', { spec: { apacheHttpd } })).volumes, expected);
});

const template = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const limited = (name: string, sizeLimit: string) => ({ name, emptyDir: { sizeLimit } });
test(
  'both volumes hold 200Mi',
  volumes,
  {},
  limited('otel-apache-conf-dir', '200Mi'),
  limited('otel-apache-agent', '200Mi'),
);
test(
  'the Instrumentation sets the size of both',
  volumes,
  { volumeLimitSize: '1Gi' },
  limited('otel-apache-conf-dir', '1Gi'),
  limited('otel-apache-agent', '1Gi'),
);
test(
  'a claim template is for the agent alone',
  volumes,
  { volumeClaimTemplate: template },
  limited('otel-apache-conf-dir', '200Mi'),
  { name: 'otel-apache-agent', ephemeral: { volumeClaimTemplate: template } },
);

/** Runs what the init containers would run, in the order of the pod. */
test('the scripts leave a configuration that includes the module’s', (t) => {
  const root = aRoot(t);
  const admission = admitted('apache-httpd', {
    spec: { apacheHttpd: { configPath: '/etc/httpd/conf/' } },
  });
  root.write('/etc/httpd/conf/httpd.conf', 'Listen 80');
  root.write('/etc/httpd/conf/.hidden', 'kept');
  root.write('/etc/httpd/conf/extra/ssl.conf', 'SSL');
  root.write(
    '/opt/opentelemetry/conf/opentelemetry_sdk_log4cxx.xml.template',
    '<a __agent_log_dir__/b __agent_log_dir__>',
  );
  root.write('/opt/opentelemetry/sdk_lib/lib/x.so', 'binary');
  root.write(`${agent}/.keep`, '');
  root.write(`${staging}/.keep`, '');
  const [clone, attach] = podOf(admission).initContainers;
  const env = { OTEL_APACHE_AGENT_CONF: conf() ?? '', APACHE_SERVICE_INSTANCE_ID: 'web-7c9f-x2' };

  // Again, as a kubelet does when the pod's sandbox is made anew.
  for (const round of ['first', 'second']) {
    if (clone !== undefined) root.run(clone);
    if (attach !== undefined) root.run(attach, env);
    t.is(
      root.read(`${staging}/httpd.conf`),
      'Listen 80\nInclude /etc/httpd/conf/opentemetry_agent.conf\n',
      round,
    );
    t.is(root.read(`${staging}/.hidden`), 'kept');
    t.is(root.read(`${staging}/extra/ssl.conf`), 'SSL');
    t.is(root.read(`${agent}/sdk_lib/lib/x.so`), 'binary');
    t.is(
      root.read(`${agent}/conf/opentelemetry_sdk_log4cxx.xml`),
      `<a ${agent}/logs/b ${agent}/logs>`,
    );
    t.is(
      root.read(`${staging}/opentemetry_agent.conf`),
      `${conf()?.replace('<<SID-PLACEHOLDER>>', 'web-7c9f-x2')}\n`,
    );
    t.is(root.read('/etc/httpd/conf/httpd.conf'), 'Listen 80');
  }
});

test('the script stops at the first failure, so that no half of it is mounted', (t) => {
  const root = aRoot(t);
  const attach = containerOf(admitted('apache-httpd'), 'otel-agent-attach-apache');
  root.write(`${staging}/httpd.conf`, 'Listen 80');
  t.throws(() => root.run(attach));
  t.is(root.read(`${staging}/httpd.conf`), 'Listen 80');
});

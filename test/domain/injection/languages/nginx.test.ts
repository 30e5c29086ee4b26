import test from 'ava';
import { objectAt, type JsonObject } from '../../../../domain/json.ts';
import {
  admitted,
  containerOf,
  environmentOf,
  podOf,
  refusalsOf,
  valueOf,
  wordsOf,
  type Scene,
} from '../../../support/build.ts';
import { aRoot, type Root } from '../../../support/shell.ts';

const agent = '/opt/opentelemetry-webserver/agent';
const staging = '/opt/opentelemetry-webserver/source-conf';
const libraries = `${agent}/sdk_lib/lib`;
const cloneName = 'otel-agent-source-container-clone';
const attachName = 'otel-agent-attach-nginx';
const conf = (scene: Scene = {}) =>
  valueOf(admitted('nginx', scene), 'OTEL_NGINX_AGENT_CONF', attachName);

test('the module’s configuration says what it knows, each line with its end', (t) => {
  t.is(
    conf({ spec: { exporter: { endpoint: 'http://collector:4317' } } }),
    `NginxModuleEnabled ON;
NginxModuleOtelExporterEndpoint http://collector:4317;
NginxModuleOtelSpanExporter otlp;
NginxModuleResolveBackends ON;
NginxModuleServiceInstanceId <<SID-PLACEHOLDER>>;
NginxModuleServiceName app;
NginxModuleServiceNamespace shop;
NginxModuleTraceAsError ON;
`,
  );
});

const configured = test.macro(
  (t, configFile: string | undefined, directory: string, base: string) => {
    const spec: JsonObject = configFile === undefined ? {} : { nginx: { configFile } };
    const admission = admitted('nginx', { spec });
    const last = (name: string) => wordsOf(containerOf(admission, name), 'args').slice(1);
    t.deepEqual(last(cloneName), ['--', directory]);
    t.deepEqual(last(attachName), ['--', base]);
    t.like(containerOf(admission), {
      volumeMounts: [
        { name: 'otel-nginx-agent', mountPath: agent },
        { name: 'otel-nginx-conf-dir', mountPath: directory },
      ],
    });
  },
);

test(
  'the configuration is /etc/nginx/nginx.conf',
  configured,
  undefined,
  '/etc/nginx',
  'nginx.conf',
);
test('another file may be named', configured, '/srv/web/site.conf', '/srv/web', 'site.conf');
test('its path is cleaned', configured, '/srv//web/./x/../site.conf', '/srv/web', 'site.conf');

test('both volumes are unlimited', (t) => {
  t.deepEqual(podOf(admitted('nginx')).volumes, [
    { name: 'otel-nginx-conf-dir', emptyDir: {} },
    { name: 'otel-nginx-agent', emptyDir: {} },
  ]);
});

const path = test.macro((t, scene: Scene, expected: string) => {
  t.is(valueOf(admitted('nginx', scene), 'LD_LIBRARY_PATH'), expected);
});
const having = (value: string) => ({ env: [{ name: 'LD_LIBRARY_PATH', value }] });

test('the server finds the module’s libraries', path, {}, libraries);
test(
  'libraries that are there are found first',
  path,
  { container: having('/lib') },
  `/lib:${libraries}`,
);
test(
  'libraries of the language’s settings are found first',
  path,
  { spec: { nginx: having('/lib') } },
  `/lib:${libraries}`,
);

test('libraries from a reference that may be missing are refused', (t) => {
  const valueFrom = { configMapKeyRef: { name: 'a', key: 'b', optional: true } };
  const admission = admitted('nginx', {
    container: { env: [{ name: 'LD_LIBRARY_PATH', valueFrom }] },
  });
  t.deepEqual(refusalsOf(admission), ['EnvironmentByReference app LD_LIBRARY_PATH']);
});

test('the copy of the original keeps the original’s libraries', (t) => {
  const admission = admitted('nginx', { container: having('/lib') });
  t.deepEqual(environmentOf(admission, cloneName), ['LD_LIBRARY_PATH=/lib']);
});

function aServer(root: Root, version: string): void {
  root.write('/bin/nginx', `#!/bin/sh\necho '${version}' >&2\n`);
  root.write('/etc/nginx/nginx.conf', 'http { include /etc/nginx/conf.d/*.conf; }\n');
  root.write('/etc/nginx/conf.d/site.conf', 'server {}\n');
  root.write(
    '/opt/opentelemetry/conf/opentelemetry_sdk_log4cxx.xml.template',
    '<a __agent_log_dir__/>',
  );
  root.write(`${agent}/.keep`, '');
  root.write(`${staging}/.keep`, '');
}

test('the scripts leave a configuration that loads the module of the server’s version', (t) => {
  const root = aRoot(t);
  aServer(root, 'nginx version: nginx/1.25.3 (Ubuntu)');
  const admission = admitted('nginx');
  const [clone, attach] = podOf(admission).initContainers;
  const env = {
    OTEL_NGINX_AGENT_CONF: conf() ?? '',
    OTEL_NGINX_SERVICE_INSTANCE_ID: 'web-7c9f-x2',
  };

  // Again, as a kubelet does when the pod's sandbox is made anew.
  for (const round of ['first', 'second']) {
    if (clone !== undefined) root.run(clone);
    if (attach !== undefined) root.run(attach, env);
    t.is(root.read(`${staging}/version.txt`), '1.25.3\n', round);
    t.is(
      root.read(`${staging}/nginx.conf`),
      `env OTEL_RESOURCE_ATTRIBUTES;
load_module ${agent}/WebServerModule/Nginx/1.25.3/ngx_http_opentelemetry_module.so;
http { include /etc/nginx/conf.d/*.conf; }
`,
    );
    t.is(root.read(`${staging}/conf.d/site.conf`), 'server {}\n');
    t.is(
      root.read(`${staging}/conf.d/opentelemetry_agent.conf`),
      `${conf()?.replace('<<SID-PLACEHOLDER>>', 'web-7c9f-x2')}\n`,
    );
    t.throws(() => root.read(`${staging}/opentelemetry_agent.conf`));
    t.is(root.read(`${agent}/conf/opentelemetry_sdk_log4cxx.xml`), `<a ${agent}/logs/>`);
    t.is(root.read('/etc/nginx/nginx.conf'), 'http { include /etc/nginx/conf.d/*.conf; }\n');
  }
});

const versions = test.macro((t, said: string, expected: string) => {
  const root = aRoot(t);
  aServer(root, said);
  root.run(containerOf(admitted('nginx'), cloneName));
  t.is(root.read(`${staging}/version.txt`), `${expected}\n`);
});

test(
  'the version is what stands behind the last slash',
  versions,
  'nginx version: nginx/1.22.0',
  '1.22.0',
);
test('a fork has a version too', versions, 'nginx version: openresty/1.21.4.1', '1.21.4.1');
test(
  'a warning with paths in it does not hide the version',
  versions,
  'nginx: [alert] could not open /var/log/nginx/error.log\nnginx version: nginx/1.23.1',
  '1.23.1',
);

test('the file’s name may be another', (t) => {
  const root = aRoot(t);
  aServer(root, 'nginx version: nginx/1.23.1');
  root.write('/etc/nginx/site.conf', 'events {}\n');
  const admission = admitted('nginx', { spec: { nginx: { configFile: '/etc/nginx/site.conf' } } });
  root.run(containerOf(admission, cloneName));
  root.run(containerOf(admission, attachName), {
    OTEL_NGINX_AGENT_CONF: '',
    OTEL_NGINX_SERVICE_INSTANCE_ID: 'x',
  });
  t.regex(
    root.read(`${staging}/site.conf`),
    /^env OTEL_RESOURCE_ATTRIBUTES;\nload_module .+;\nevents \{\}\n$/,
  );
  t.regex(root.read(`${staging}/nginx.conf`), /^http/);
});

test('an image without nginx fails in the init container, not in the server', (t) => {
  const root = aRoot(t);
  aServer(root, '');
  root.write('/bin/nginx', '#!/bin/sh\nexit 127\n');
  t.throws(() => root.run(containerOf(admitted('nginx'), cloneName)));
});

test('the script stops at the first failure, so that no half of it is mounted', (t) => {
  const root = aRoot(t);
  aServer(root, 'nginx version: nginx/1.23.1');
  root.run(containerOf(admitted('nginx'), cloneName));
  root.remove('/opt/opentelemetry/conf');
  t.throws(() => root.run(containerOf(admitted('nginx'), attachName)));
  t.is(root.read(`${staging}/nginx.conf`), 'http { include /etc/nginx/conf.d/*.conf; }\n');
});

const scriptsOf = (scene: Scene) =>
  [cloneName, attachName].map(
    (name) => wordsOf(containerOf(admitted('nginx', scene), name), 'args')[0],
  );

test('nothing a user writes becomes a part of the scripts', (t) => {
  const own = scriptsOf({
    spec: { nginx: { configFile: '/srv/x.conf', attrs: [{ name: 'A', value: '$(touch /x)' }] } },
    annotations: { 'resource.opentelemetry.io/service.name': '`touch /x`' },
  });
  t.deepEqual(own, scriptsOf({}));
});

test('the Instrumentation may limit both volumes', (t) => {
  const { volumes } = podOf(admitted('nginx', { spec: { nginx: { volumeLimitSize: '1Gi' } } }));
  for (const volume of volumes) t.deepEqual(objectAt(volume, 'emptyDir'), { sizeLimit: '1Gi' });
});

test('a claim template is for the agent alone', (t) => {
  const volumeClaimTemplate = {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const { volumes } = podOf(admitted('nginx', { spec: { nginx: { volumeClaimTemplate } } }));
  t.deepEqual(volumes, [
    { name: 'otel-nginx-conf-dir', emptyDir: {} },
    { name: 'otel-nginx-agent', ephemeral: { volumeClaimTemplate } },
  ]);
});

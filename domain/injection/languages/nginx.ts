import { posix } from 'node:path';
import type { AgentSettings } from '../instrumentation/settings.ts';
import { agentDirectory, directives, stagingDirectory, type Service } from './webserver-files.ts';
import { webServer } from './webserver.ts';

const libraryDirectory = `${agentDirectory}/sdk_lib/lib`;

const fileOf = ({ configFile }: AgentSettings) =>
  posix.normalize(configFile ?? '/etc/nginx/nginx.conf');

/** `$1` is the directory of the configuration. Runs in the server's image, to learn its version. */
const cloneScript = `set -e
cp -r "$1"/* ${stagingDirectory}
version=$(nginx -v 2>&1)
version=\${version##*/}
printf '%s\\n' "\${version%% *}" > ${stagingDirectory}/version.txt
`;

/** `$1` is the file name of the main configuration. */
const attachScript = `set -ex
cp -r /opt/opentelemetry/* ${agentDirectory}
version=$(cat ${stagingDirectory}/version.txt)
log4cxx=${agentDirectory}/conf/opentelemetry_sdk_log4cxx.xml
sed 's,__agent_log_dir__,${agentDirectory}/logs,g' "$log4cxx.template" > "$log4cxx"
conf=${stagingDirectory}/opentelemetry_agent.conf
printf '%s\\n' "$OTEL_NGINX_AGENT_CONF" > "$conf"
sed -i "s,<<SID-PLACEHOLDER>>,$OTEL_NGINX_SERVICE_INSTANCE_ID,g" "$conf"
module=${agentDirectory}/WebServerModule/Nginx/$version/ngx_http_opentelemetry_module.so
main=${stagingDirectory}/$1
{ printf 'env OTEL_RESOURCE_ATTRIBUTES;\\nload_module %s;\\n' "$module"; cat "$main"; } > "$main.new"
mv "$main.new" "$main"
mv "$conf" ${stagingDirectory}/conf.d
`;

function conf({ attrs }: AgentSettings, { name, namespace, endpoint }: Service): string {
  const own = {
    NginxModuleEnabled: 'ON',
    NginxModuleOtelSpanExporter: 'otlp',
    NginxModuleOtelExporterEndpoint: endpoint,
    NginxModuleServiceName: name,
    NginxModuleServiceNamespace: namespace,
    NginxModuleServiceInstanceId: '<<SID-PLACEHOLDER>>',
    NginxModuleResolveBackends: 'ON',
    NginxModuleTraceAsError: 'ON',
  };
  return directives(own, attrs, (key, value) => `${key} ${value};\n`);
}

/** Both volumes are unlimited unless the Instrumentation limits them. */
function volumesOf({ volumeLimitSize, volumeClaimTemplate }: AgentSettings) {
  const limited = { emptyDir: volumeLimitSize === undefined ? {} : { sizeLimit: volumeLimitSize } };
  return {
    config: limited,
    agent: volumeClaimTemplate === undefined ? limited : { ephemeral: { volumeClaimTemplate } },
  };
}

export const nginx = webServer({
  language: 'nginx',
  attachName: 'otel-agent-attach-nginx',
  configVolume: 'otel-nginx-conf-dir',
  agentVolume: 'otel-nginx-agent',
  volumes: volumesOf,
  configDirectory: (settings) => posix.dirname(fileOf(settings)),
  clone: (directory) => ({ command: ['/bin/sh', '-c'], args: [cloneScript, '--', directory] }),
  attach: (settings) => ({
    command: ['/bin/sh', '-c'],
    args: [attachScript, '--', posix.basename(fileOf(settings))],
  }),
  confVariable: 'OTEL_NGINX_AGENT_CONF',
  instanceVariable: 'OTEL_NGINX_SERVICE_INSTANCE_ID',
  conf,
  prepare: (env) =>
    env.extend({
      name: 'LD_LIBRARY_PATH',
      alone: libraryDirectory,
      around: (current) => `${current}:${libraryDirectory}`,
    }),
});

import { volumeSource } from '../injector.ts';
import type { AgentSettings } from '../instrumentation/settings.ts';
import { agentDirectory, directives, stagingDirectory, type Service } from './webserver-files.ts';
import { webServer } from './webserver.ts';

const libraries = [
  'common',
  'resources',
  'trace',
  'otlp_recordable',
  'exporter_ostream_span',
  'exporter_otlp_grpc',
  'webserver_sdk',
];

/** As written: the server itself may know its configuration by that path. */
const directoryOf = ({ configPath = '/usr/local/apache2/conf' }: AgentSettings) =>
  configPath.replace(/\/$/, '');

/** `$1` is the directory in which the server looks for its configuration. */
const attachScript = `set -e
cp -r /opt/opentelemetry/* ${agentDirectory}
log4cxx=${agentDirectory}/conf/opentelemetry_sdk_log4cxx.xml
sed 's,__agent_log_dir__,${agentDirectory}/logs,g' "$log4cxx.template" > "$log4cxx"
conf=${stagingDirectory}/opentemetry_agent.conf
printf '%s\\n' "$OTEL_APACHE_AGENT_CONF" > "$conf"
sed -i "s,<<SID-PLACEHOLDER>>,$APACHE_SERVICE_INSTANCE_ID,g" "$conf"
printf '\\nInclude %s/opentemetry_agent.conf\\n' "$1" >> ${stagingDirectory}/httpd.conf
`;

function conf({ version, attrs }: AgentSettings, { name, namespace, endpoint }: Service): string {
  const load = libraries.map(
    (library) => `LoadFile ${agentDirectory}/sdk_lib/lib/libopentelemetry_${library}.so`,
  );
  const module = version === '2.2' ? 'libmod_apache_otel22.so' : 'libmod_apache_otel.so';
  const own = {
    ApacheModuleEnabled: 'ON',
    ApacheModuleOtelSpanExporter: 'otlp',
    ApacheModuleOtelExporterEndpoint: endpoint,
    ApacheModuleServiceName: name,
    ApacheModuleServiceNamespace: namespace,
    ApacheModuleServiceInstanceId: '<<SID-PLACEHOLDER>>',
    ApacheModuleResolveBackends: ' ON',
    ApacheModuleTraceAsError: ' ON',
  };
  const lines = [
    ...load,
    `LoadModule otel_apache_module ${agentDirectory}/WebServerModule/Apache/${module}`,
  ];
  return `\n${lines.join('\n')}\n${directives(own, attrs, (key, value) => `${key} ${value}\n`)}`;
}

export const apacheHttpd = webServer({
  language: 'apache-httpd',
  attachName: 'otel-agent-attach-apache',
  configVolume: 'otel-apache-conf-dir',
  agentVolume: 'otel-apache-agent',
  volumes: (settings) => ({
    config: { emptyDir: { sizeLimit: settings.volumeLimitSize ?? '200Mi' } },
    agent: volumeSource(settings),
  }),
  configDirectory: directoryOf,
  clone: (directory) => ({ command: ['cp', '-r', `${directory}/.`, stagingDirectory] }),
  attach: (settings) => ({
    command: ['/bin/sh', '-c'],
    args: [attachScript, '--', directoryOf(settings)],
  }),
  confVariable: 'OTEL_APACHE_AGENT_CONF',
  instanceVariable: 'APACHE_SERVICE_INSTANCE_ID',
  conf,
});

import type { Container } from '../../case.ts';
import { attributesOf, readWell, serviceName, statedIn } from '../sdk/attributes.ts';
import { attributesVariable, Environment } from '../sdk/environment.ts';
import { agentSettings, type Request } from '../request.ts';
import { libraries, type Server } from './server-files.ts';

interface Service {
  readonly name: string;
  readonly endpoint: string;
}

/** The name from the attributes, the endpoint from the Instrumentation; our way, the container's own first. */
export function serviceOf(request: Request, app: Container, env: Environment): Service {
  const { settings, ours } = request;
  const text = new Environment({ env: app.env ?? [] }, request).plain(attributesVariable) ?? '';
  const attributes = attributesOf(request, app, statedIn(text, ours));
  const derived = serviceName(request, app, attributes, readWell(text).get('service.name') ?? '');
  const usual = settings.exporter?.endpoint || 'http://localhost:4317/';
  const said = (name: string, otherwise: string) => {
    const value = env.plain(name) ?? '';
    if (value === '' || value.includes('$(') || value === otherwise) return otherwise;
    return ours('web-server-own-environment') ? value : otherwise;
  };
  const asWord = (value: string) => (isOneWord(value) || !ours('one-word') ? value : quoted(value));
  return {
    name: asWord(said('OTEL_SERVICE_NAME', derived)),
    endpoint: asWord(said('OTEL_EXPORTER_OTLP_ENDPOINT', usual)),
  };
}

/** To both servers, blanks, quotes, braces, semicolons and comments mean something. */
const isOneWord = (value: string) => !/[\s;{}"'#\\]/.test(value);

const quoted = (value: string) =>
  `"${value.replaceAll(/\s/g, ' ').replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"`;

/** One line for each attribute, sorted by name; what the Instrumentation says counts more. */
export function moduleConfiguration(
  request: Request,
  { language }: Server,
  { name, endpoint }: Service,
): string {
  const isApache = language === 'apache-httpd';
  const { attrs = [], version = '' } = agentSettings(request);
  const start = isApache ? 'Apache' : 'Nginx';
  const on = isApache ? ' ON' : 'ON';
  const lines = new Map([
    [`${start}ModuleEnabled`, 'ON'],
    [`${start}ModuleOtelSpanExporter`, 'otlp'],
    [`${start}ModuleOtelExporterEndpoint`, endpoint],
    [`${start}ModuleServiceName`, name],
    [`${start}ModuleServiceNamespace`, request.one.namespace.name || language],
    [`${start}ModuleServiceInstanceId`, '<<SID-PLACEHOLDER>>'],
    [`${start}ModuleResolveBackends`, on],
    [`${start}ModuleTraceAsError`, on],
    ...attrs.map((attribute) => [attribute.name, attribute.value ?? ''] as const),
  ]);
  const text = [...lines.keys()]
    .toSorted()
    .map((key) => `${key} ${lines.get(key)}${isApache ? '' : ';'}\n`)
    .join('');
  return isApache ? loading(version) + text : text;
}

const parts = [
  'common',
  'resources',
  'trace',
  'otlp_recordable',
  'exporter_ostream_span',
  'exporter_otlp_grpc',
  'webserver_sdk',
];

function loading(version: string): string {
  const files = parts.map((part) => `LoadFile ${libraries}/libopentelemetry_${part}.so\n`);
  const module = version === '2.2' ? 'libmod_apache_otel22.so' : 'libmod_apache_otel.so';
  const place = '/opt/opentelemetry-webserver/agent/WebServerModule/Apache';
  return `\n${files.join('')}LoadModule otel_apache_module ${place}/${module}\n`;
}

import { copiedAgent } from './copied.ts';

const directory = '/otel-auto-instrumentation-python';
const loader = `${directory}/opentelemetry/instrumentation/auto_instrumentation`;
const sources = { glibc: '/autoinstrumentation/.', musl: '/autoinstrumentation-musl/.' } as const;

export const python = copiedAgent({
  language: 'python',
  name: 'opentelemetry-auto-instrumentation-python',
  directory,
  requests: { cpu: '50m', memory: '64Mi' },
  supports: (platform) => platform === undefined || Object.hasOwn(sources, platform),
  copy: ({ ask }) => ['cp', '-r', sources[ask.platform === 'musl' ? 'musl' : 'glibc'], directory],
  activateFirst: [
    {
      name: 'PYTHONPATH',
      alone: `${loader}:${directory}`,
      around: (current) => `${loader}:${current}:${directory}`,
    },
  ],
  activate: () => [
    { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'http/protobuf' },
    { name: 'OTEL_TRACES_EXPORTER', value: 'otlp' },
    { name: 'OTEL_METRICS_EXPORTER', value: 'otlp' },
    { name: 'OTEL_LOGS_EXPORTER', value: 'otlp' },
  ],
});

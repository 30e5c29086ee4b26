import { copiedAgent } from './copied.ts';

const directory = '/otel-auto-instrumentation-nodejs';
const option = ` --require ${directory}/autoinstrumentation.js`;

export const nodejs = copiedAgent({
  language: 'nodejs',
  name: 'opentelemetry-auto-instrumentation-nodejs',
  directory,
  requests: { cpu: '50m', memory: '128Mi' },
  copy: () => ['cp', '-r', '/autoinstrumentation/.', directory],
  activate: () => [
    { name: 'NODE_OPTIONS', alone: option, around: (current) => current + option },
    { name: 'OTEL_METRICS_EXPORTER', value: 'otlp' },
  ],
});

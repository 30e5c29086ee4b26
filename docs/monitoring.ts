import { parse, stringify } from 'yaml';
import { renderDashboard } from '../metrics/dashboard/render.ts';

export const origin = (source: string) =>
  `# Rendered from ${source} by "npm run render": change that file, not this one.\n`;

/** Kustomize and Helm read nothing outside their own folders, so each has its own copy. */
export function renderMonitoring(
  rules: string,
): readonly (readonly [path: string, text: string])[] {
  const dashboard = renderDashboard();
  const component = 'config/components/prometheus-operator';
  return [
    ['metrics/dashboard.json', dashboard],
    [`${component}/dashboard.json`, dashboard],
    ['config/helm/files/dashboard.json', dashboard],
    [`${component}/rules.yaml`, origin('metrics/alerts.yaml') + prometheusRule(rules)],
  ];
}

const prometheusRule = (rules: string) =>
  stringify(
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: {
        name: 'otel-retrofit',
        namespace: 'otel-retrofit',
        labels: { 'app.kubernetes.io/name': 'otel-retrofit' },
      },
      spec: parse(rules) as unknown,
    },
    { lineWidth: 0, singleQuote: true },
  );

export const podsPerWorkload = 4;
const perNamespace = 40;

export const namespaceOf = (index: number) => `team-${Math.floor(index / perNamespace)}`;

export type Deployment = ReturnType<typeof deploymentOf>;

/** A workload as people write it: a few labels, some environment, a probe. */
export function deploymentOf(index: number) {
  const name = `workload-${index}`;
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'shop' };
  return {
    metadata: { name, namespace: namespaceOf(index), labels },
    spec: {
      replicas: podsPerWorkload,
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          annotations: { 'instrumentation.opentelemetry.io/inject-nodejs': 'true' },
        },
        spec: {
          containers: [
            {
              name: 'main',
              image: `shop/${name}:1.4.2`,
              ports: [{ name: 'http', containerPort: 8080 }],
              env: Array.from({ length: 6 }, (_, each) => ({
                name: `SETTING_${each}`,
                value: `value ${each} of ${name}`,
              })),
              resources: { limits: { memory: '256Mi' }, requests: { cpu: '50m', memory: '128Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
            },
          ],
        },
      },
    },
  };
}

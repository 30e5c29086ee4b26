import { annotations as keys } from '../../../crds/names.ts';
import type { JsonObject } from '../../../domain/json.ts';

/** One that makes pods, which are labelled `of: <its name>` and ask for Java. */
export interface Workload {
  readonly path: string;
  readonly name: string;
  /** In the middle of `k8s.….name`. */
  readonly attribute: string;
  readonly body: JsonObject;
}

const template = (name: string, more: JsonObject): JsonObject => ({
  metadata: { labels: { of: name }, annotations: { [keys.inject('java')]: 'true' } },
  spec: { containers: [{ name: 'app', image: 'shop.example/app:1' }], ...more },
});

const inApps = (plural: string, name: string, more: JsonObject = {}): Workload => ({
  path: `/apis/apps/v1/namespaces/shop/${plural}`,
  name,
  attribute: plural.slice(0, -1),
  body: {
    metadata: { name },
    spec: {
      selector: { matchLabels: { of: name } },
      // A node without a kubelet is tainted, and a DaemonSet heeds that.
      template: template(name, { tolerations: [{ operator: 'Exists' }] }),
      ...more,
    },
  },
});

const inBatch = (plural: string, name: string, spec: JsonObject): Workload => ({
  path: `/apis/batch/v1/namespaces/shop/${plural}`,
  name,
  attribute: plural.slice(0, -1),
  body: { metadata: { name }, spec },
});

const once = (name: string) => ({ template: template(name, { restartPolicy: 'Never' }) });

export const workloads: Readonly<Record<string, Workload>> = {
  Deployment: inApps('deployments', 'cart'),
  StatefulSet: inApps('statefulsets', 'store', { serviceName: 'store' }),
  DaemonSet: inApps('daemonsets', 'agent'),
  Job: inBatch('jobs', 'report', once('report')),
  CronJob: inBatch('cronjobs', 'nightly', {
    schedule: '0 3 * * *',
    jobTemplate: { spec: once('nightly') },
  }),
};

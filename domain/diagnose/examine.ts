import { readCluster, type Cluster, type Evidence } from './cluster.ts';
import { deliveryFindings } from './delivery/endpoints.ts';
import { finding, sorted, type Finding } from './finding.ts';
import { controllerFindings } from './installation/controller.ts';
import { neighbourFindings } from './installation/neighbours.ts';
import { webhookFindings } from './installation/webhook.ts';
import { instrumentationFindings } from './instrumentations.ts';
import { behaviourFindings } from './workload/behaviour.ts';
import { jobFindings } from './workload/jobs.ts';
import { podFindings } from './workload/pods.ts';
import { namespaceFindings, requestFindings } from './workload/requests.ts';
import { verdictFindings } from './workload/verdict.ts';

export interface Examination {
  readonly cluster: Cluster;
  /** The likely cause first. */
  readonly findings: readonly Finding[];
}

/** Everything that is wrong, with the whole installation and with every workload. */
export function examine(evidence: Evidence): Examination {
  const cluster = readCluster(evidence);
  const findings = [
    ...rightsFindings(evidence),
    ...webhookFindings(cluster),
    ...controllerFindings(cluster),
    ...neighbourFindings(cluster),
    ...instrumentationFindings(cluster),
    ...namespaceFindings(cluster),
    ...deliveryFindings(cluster),
    ...jobFindings(cluster),
    ...cluster.subjects.flatMap((subject) => [
      ...requestFindings(subject),
      ...podFindings(subject, cluster),
      ...verdictFindings(subject, cluster),
      ...behaviourFindings(subject, cluster),
    ]),
  ];
  return { cluster, findings: sorted(findings) };
}

function rightsFindings({ denied, lacking }: Evidence): readonly Finding[] {
  return [
    ...denied.map((kind) => finding('NotLookedAt', kind)),
    ...lacking.map(({ account, right }) =>
      finding('RightsMissing', `ServiceAccount/${account}`, { detail: right }),
    ),
  ];
}

/** What may explain one workload: what is about it, and what is about all. */
export const concerning = (findings: readonly Finding[], key: string): readonly Finding[] =>
  findings.filter(({ workloads }) => workloads === undefined || workloads.includes(key));

import { isObject, listAt, member, objectAt, textAt } from '../../json.ts';
import { countAt } from '../../restart/records/metadata.ts';
import { labelsIn, placeOf, specOf, statusOf, type Cluster } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';

/** Whether somebody notices and mends what new pods missed. */
export function controllerFindings(cluster: Cluster): readonly Finding[] {
  const { sees, names } = cluster.evidence;
  const words = { namespace: names.home };
  if (!sees('Deployment', names.home)) return probeFindings(cluster);
  const controller = component(cluster, 'controller');
  if (controller === undefined) {
    return isLeaseHeld(cluster) === true
      ? probeFindings(cluster)
      : [finding('ControllerMissing', `Namespace/${names.home}`)];
  }
  const about = `Deployment/${placeOf(controller)}`;
  const ready = member(statusOf(controller), 'readyReplicas') ?? 0;
  if (ready === 0) return [finding('ControllerNotReady', about, { words })];
  return [...leaseFindings(cluster), ...releaseFindings(cluster), ...probeFindings(cluster)];
}

const component = ({ all }: Cluster, role: string) =>
  all('Deployment').find((json) => {
    const labels = labelsIn(json);
    return (
      textAt(labels, 'app.kubernetes.io/name') === 'otel-retrofit' &&
      textAt(labels, 'app.kubernetes.io/component') === role
    );
  });

function leaseFindings(cluster: Cluster): readonly Finding[] {
  const { sees, names, now } = cluster.evidence;
  if (!sees('Lease', names.home)) return [];
  const isHeld = isLeaseHeld(cluster) ?? (now === undefined && holderOf(cluster) !== undefined);
  const about = `Lease/${names.home}/${names.lease}`;
  return isHeld ? [] : [finding('NobodyLeads', about, { words: { namespace: names.home } })];
}

const leaseOf = ({ find, evidence: { names } }: Cluster) =>
  specOf(find('Lease', names.home, names.lease) ?? {});

const holderOf = (cluster: Cluster) => textAt(leaseOf(cluster), 'holderIdentity');

/** A controller that renews its lease does run, wherever that may be; unknown where the time is. */
function isLeaseHeld(cluster: Cluster): boolean | undefined {
  const { now } = cluster.evidence;
  if (now === undefined) return undefined;
  const lease = leaseOf(cluster);
  const renewedAt = Date.parse(textAt(lease, 'renewTime') ?? '') / 1_000;
  const isFresh = now - renewedAt < 2 * countAt(lease, 'leaseDurationSeconds', 15);
  return holderOf(cluster) !== undefined && isFresh;
}

function releaseFindings(cluster: Cluster): readonly Finding[] {
  const images = ['webhook', 'controller'].map((role) => {
    const template = objectAt(specOf(component(cluster, role) ?? {}), 'template') ?? {};
    const container = (listAt(specOf(template), 'containers') ?? []).find(isObject);
    return container && textAt(container, 'image');
  });
  const [webhook, controller] = images;
  if (webhook === undefined || controller === undefined || webhook === controller) return [];
  const about = `Namespace/${cluster.evidence.names.home}`;
  return [finding('ReleasesDiffer', about, { detail: `${webhook}, ${controller}` })];
}

/** The controller tells in the status of every Instrumentation whether its dry runs succeed. */
function probeFindings({ instrumentations, evidence }: Cluster): readonly Finding[] {
  const words = { namespace: evidence.names.home };
  const failing = [...instrumentations.values()].find(({ json }) =>
    (listAt(statusOf(json), 'conditions') ?? [])
      .filter(isObject)
      .some(
        (one) =>
          textAt(one, 'type') === 'Ready' &&
          textAt(one, 'status') === 'False' &&
          textAt(one, 'reason') === 'WebhookUnproven',
      ),
  );
  if (failing === undefined) return [];
  return [finding('ProbeFails', `Namespace/${evidence.names.home}`, { words })];
}

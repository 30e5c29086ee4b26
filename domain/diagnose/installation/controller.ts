import { isObject, listAt, member, objectAt, textAt } from '../../json.ts';
import { labelsIn, placeOf, specOf, statusOf, type Cluster } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';

/** Whether somebody notices and mends what new pods missed. */
export function controllerFindings(cluster: Cluster): readonly Finding[] {
  const { sees, names } = cluster.evidence;
  const words = { namespace: names.home };
  if (!sees('Deployment', names.home)) return probeFindings(cluster);
  const controller = component(cluster, 'controller');
  if (controller === undefined) return [finding('ControllerMissing', `Namespace/${names.home}`)];
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

function leaseFindings({ evidence, find }: Cluster): readonly Finding[] {
  const { sees, names, now } = evidence;
  if (!sees('Lease', names.home)) return [];
  const lease = specOf(find('Lease', names.home, names.lease) ?? {});
  const seconds = member(lease, 'leaseDurationSeconds');
  const renewedAt = Date.parse(textAt(lease, 'renewTime') ?? '') / 1_000;
  const isOver =
    now !== undefined && !(now - renewedAt < 2 * (typeof seconds === 'number' ? seconds : 15));
  const isHeld = textAt(lease, 'holderIdentity') !== undefined && !isOver;
  const about = `Lease/${names.home}/${names.lease}`;
  return isHeld ? [] : [finding('NobodyLeads', about, { words: { namespace: names.home } })];
}

function releaseFindings(cluster: Cluster): readonly Finding[] {
  const images = ['webhook', 'controller'].map((role) => {
    const template = objectAt(specOf(component(cluster, role) ?? {}), 'template') ?? {};
    const [container] = (listAt(specOf(template), 'containers') ?? []).filter(isObject);
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

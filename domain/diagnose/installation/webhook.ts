import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import { labelsIn, placeOf, specOf, type Cluster } from '../cluster.ts';
import { hasReadyPod } from '../delivery/service.ts';
import { finding, type Finding } from '../finding.ts';
import { selectorMatches } from './selector.ts';

/** Whether the API server asks our webhook about pods, and whether anybody answers. */
export function webhookFindings(cluster: Cluster): readonly Finding[] {
  const { evidence } = cluster;
  if (!evidence.sees('MutatingWebhookConfiguration')) return [];
  const ours = ourWebhook(cluster);
  if (ours === undefined) {
    const { webhookConfiguration } = evidence.names;
    return [finding('WebhookNotInstalled', `MutatingWebhookConfiguration/${webhookConfiguration}`)];
  }
  const { about, webhook } = ours;
  return [
    ...(asksAboutPods(webhook) ? [] : [finding('WebhookRulesChanged', about)]),
    ...(textAt(webhook, 'failurePolicy') === 'Fail' ? [finding('WebhookMayBlock', about)] : []),
    ...selectorFindings(cluster, about, webhook),
    ...authorityFindings(cluster, about, webhook),
    ...serviceFindings(cluster, webhook),
  ];
}

export const isOurs = (webhook: JsonObject) => textAt(webhook, 'name') === 'pods.otel-retrofit.dev';

/** Our entry, in a configuration of whatever name. */
function ourWebhook(
  cluster: Cluster,
): { readonly about: string; readonly webhook: JsonObject } | undefined {
  for (const json of cluster.all('MutatingWebhookConfiguration')) {
    const webhook = webhooksOf(json).find(isOurs);
    if (webhook !== undefined) {
      return { about: `MutatingWebhookConfiguration${placeOf(json)}`, webhook };
    }
  }
  return undefined;
}

export const webhooksOf = (json: JsonObject) => (listAt(json, 'webhooks') ?? []).filter(isObject);

function asksAboutPods(webhook: JsonObject): boolean {
  const rules = (listAt(webhook, 'rules') ?? []).filter(isObject);
  return rules.some(
    (rule) =>
      holds(rule, 'resources', 'pods') &&
      holds(rule, 'operations', 'CREATE') &&
      holds(rule, 'apiGroups', ''),
  );
}

const holds = (rule: JsonObject, key: string, value: string) =>
  (listAt(rule, key) ?? []).some((one) => one === value || one === '*');

function selectorFindings(
  cluster: Cluster,
  about: string,
  webhook: JsonObject,
): readonly Finding[] {
  const { home } = cluster.evidence.names;
  const takes = (name: string) => takesNamespace(cluster, webhook, name);
  const asking = cluster.subjects.filter(({ verdict }) => verdict.kind !== 'exempt');
  const excluded = [...Map.groupBy(asking, ({ judgement }) => judgement.workload.namespace)].filter(
    ([name]) => !takes(name),
  );
  const ofPods = objectAt(webhook, 'objectSelector');
  const left = asking.filter(({ template }) => !selectorMatches(ofPods, labelsIn(template)));
  return [
    ...excluded.map(([name, subjects]) =>
      finding('NamespaceExcluded', `Namespace/${name}`, {
        workloads: subjects.map(({ key }) => key),
        words: { namespace: name },
      }),
    ),
    ...left.map(({ key }) => finding('PodsExcluded', key, { workloads: [key] })),
    ...(takes(home) ? [] : [finding('HomeExcluded', about)]),
  ];
}

/** Every namespace carries its name as a label, whether the evidence shows it or not. */
function takesNamespace({ namespaces }: Cluster, webhook: JsonObject, name: string): boolean {
  const labels = { ...namespaces.get(name)?.labels, 'kubernetes.io/metadata.name': name };
  return selectorMatches(objectAt(webhook, 'namespaceSelector'), labels);
}

function authorityFindings(
  { evidence }: Cluster,
  about: string,
  webhook: JsonObject,
): readonly Finding[] {
  const { authority, now, names } = evidence;
  const words = { namespace: names.home };
  const bundle = textAt(objectAt(webhook, 'clientConfig') ?? {}, 'caBundle');
  if (bundle === undefined) return [finding('WebhookWithoutAuthority', about, { words })];
  if (authority === undefined) return [];
  const secret = `Secret/${names.home}/otel-retrofit-certificates`;
  const isInvalid = now !== undefined && (now >= authority.expiresAt || now < authority.validFrom);
  return [
    ...(isInvalid ? [finding('CertificateExpired', secret, { words })] : []),
    ...(authority.isTrusted ? [] : [finding('AuthorityOfAnother', about)]),
  ];
}

function serviceFindings(cluster: Cluster, webhook: JsonObject): readonly Finding[] {
  const service = objectAt(objectAt(webhook, 'clientConfig') ?? {}, 'service');
  const namespace = textAt(service ?? {}, 'namespace') ?? '';
  const name = textAt(service ?? {}, 'name') ?? '';
  if (service === undefined || !cluster.evidence.sees('Service', namespace)) return [];
  const about = `Service/${namespace}/${name}`;
  const found = cluster.find('Service', namespace, name);
  if (found === undefined) return [finding('WebhookServiceMissing', about)];
  const port = member(service, 'port') ?? 443;
  const ports = (listAt(specOf(found), 'ports') ?? []).filter(isObject);
  if (!ports.some((one) => member(one, 'port') === port)) {
    return [finding('WebhookPortMissing', about, { detail: `port ${JSON.stringify(port)}` })];
  }
  return hasReadyPod(cluster, found) === false
    ? [finding('WebhookNotReady', about, { words: { namespace } })]
    : [];
}

import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';
import { placeOf, type Cluster } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';
import { webhooksOf } from './webhook.ts';

/** Others that put agents into pods. */
export function neighbourFindings({ all }: Cluster): readonly Finding[] {
  return all('MutatingWebhookConfiguration').flatMap((json) => {
    const webhooks = webhooksOf(json).filter(isAboutPods);
    if (webhooks.length === 0) return [];
    const about = `MutatingWebhookConfiguration${placeOf(json)}`;
    const text = [placeOf(json), ...webhooks.flatMap(namesIn)].join(' ');
    if (isOperator(webhooks, text)) return [finding('OperatorBeside', about)];
    const vendor = vendors.find(({ sign }) => sign.test(text));
    return vendor === undefined ? [] : [finding('VendorBeside', about, { detail: vendor.name })];
  });
}

const isAboutPods = (webhook: JsonObject) =>
  (listAt(webhook, 'rules') ?? [])
    .filter(isObject)
    .some((rule) => (listAt(rule, 'resources') ?? []).some((one) => one === 'pods' || one === '*'));

function namesIn(webhook: JsonObject): readonly string[] {
  const service = objectAt(objectAt(webhook, 'clientConfig') ?? {}, 'service') ?? {};
  return [webhook, service].flatMap((one) => textAt(one, 'name') ?? []);
}

/** Many programs call their webhook so: only beside the operator's own words it is the operator's. */
const isOperator = (webhooks: readonly JsonObject[], text: string) =>
  webhooks.some((one) => textAt(one, 'name') === 'mpod.kb.io') && /opentelemetry/i.test(text);

const vendors: readonly { readonly name: string; readonly sign: RegExp }[] = [
  { name: 'Datadog', sign: /datadog/i },
  { name: 'Dynatrace', sign: /dynatrace/i },
  { name: 'New Relic', sign: /newrelic|k8s-agents-operator/i },
  { name: 'Instana', sign: /instana/i },
  { name: 'Odigos', sign: /odigos/i },
  { name: 'AppDynamics', sign: /appdynamics/i },
  { name: 'Elastic', sign: /apm-attacher/i },
  { name: 'Dash0', sign: /dash0/i },
  { name: 'CloudWatch', sign: /amazon-cloudwatch/i },
];

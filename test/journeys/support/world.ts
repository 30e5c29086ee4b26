import { marks } from '../../../crds/names.ts';
import { call, type Ground, type Item } from './ground.ts';
import { usualSpec } from './instrumentations.ts';
import type { Fate, Made } from './runner.ts';

const configuration =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/otel-retrofit';
const policies = '/apis/admissionregistration.k8s.io/v1';

interface Configuration extends Item {
  readonly webhooks: readonly object[];
}

/** A mistake that people make: the webhook works, and is not called for these namespaces. */
export async function hideFromWebhook(
  ground: Ground,
  namespaces: readonly string[],
): Promise<void> {
  const { webhooks } = await call<Configuration>(ground, 'GET', configuration);
  const key = 'kubernetes.io/metadata.name';
  const expression = { key, operator: 'NotIn', values: ['kube-system', ...namespaces] };
  const namespaceSelector = { matchExpressions: [expression] };
  const changed = webhooks.map((webhook) => ({ ...webhook, namespaceSelector }));
  await call(ground, 'PATCH', configuration, { webhooks: changed });
}

/** Who hid them has seen the mistake. */
export const showToWebhook = (ground: Ground) => hideFromWebhook(ground, []);

/** A policy of the cluster that lets nobody but its owners change what is in a namespace. */
export async function guard(ground: Ground, namespace: string, account: string): Promise<void> {
  const name = `guard-${namespace}`;
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['UPDATE'],
    resources: ['deployments'],
  };
  await call(ground, 'POST', `${policies}/validatingadmissionpolicies`, {
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [rule],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
      matchConditions: [{ name: 'who', expression: `request.userInfo.username == '${account}'` }],
      validations: [{ expression: 'false', message: 'only its owners', reason: 'Forbidden' }],
    },
  });
  await call(ground, 'POST', `${policies}/validatingadmissionpolicybindings`, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

/** In namespaces of this name an agent with the usual settings takes its pods down. */
export const crashingIn =
  (prefix: string) =>
  (pod: Made): Fate => {
    const { namespace, annotations = {} } = pod.metadata;
    if (annotations[fateKey] === 'crashes') return 'crashes';
    const isHarmed =
      namespace?.startsWith(prefix) === true &&
      annotations[marks.injected] !== undefined &&
      JSON.stringify(pod.spec).includes(usualSpec.exporter.endpoint);
    return isHarmed ? 'crashes' : 'works';
  };

/** How a pod says that it is ill from the start. */
export const fateKey = 'shop.example/fate';

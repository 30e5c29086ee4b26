import { names } from '../../crds/names.ts';
import type { Resource } from '../../controller/kube/resource.ts';

const filed = (group: string, plural: string, version = 'v1'): Resource => ({
  group,
  version,
  plural,
  namespaced: !plural.endsWith('configurations') && plural !== 'namespaces',
});

/** What is listed as a whole, by its kind. */
export const listed = {
  Namespace: filed('', 'namespaces'),
  Instrumentation: filed(names.group, 'instrumentations', names.version),
  Deployment: filed('apps', 'deployments'),
  StatefulSet: filed('apps', 'statefulsets'),
  DaemonSet: filed('apps', 'daemonsets'),
  ReplicaSet: filed('apps', 'replicasets'),
  ControllerRevision: filed('apps', 'controllerrevisions'),
  Pod: filed('', 'pods'),
  LimitRange: filed('', 'limitranges'),
  PodDisruptionBudget: filed('policy', 'poddisruptionbudgets'),
  Service: filed('', 'services'),
  EndpointSlice: filed('discovery.k8s.io', 'endpointslices'),
  NetworkPolicy: filed('networking.k8s.io', 'networkpolicies'),
  MutatingWebhookConfiguration: filed(
    'admissionregistration.k8s.io',
    'mutatingwebhookconfigurations',
  ),
} as const satisfies Readonly<Record<string, Resource>>;

/** What is read one by one, where something refers to it. */
export const single = {
  ConfigMap: filed('', 'configmaps'),
  Secret: filed('', 'secrets'),
  Lease: filed('coordination.k8s.io', 'leases'),
} as const satisfies Readonly<Record<string, Resource>>;

/** What is read where it is looked for: a cluster has many. */
export const events: Resource = filed('', 'events');

export const accessReviews: Resource = {
  ...filed('authorization.k8s.io', 'subjectaccessreviews'),
  namespaced: false,
};

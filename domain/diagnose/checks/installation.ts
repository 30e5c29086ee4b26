/** What keeps the installation from doing its work for anybody, the gravest first. */
export const installationChecks = {
  WebhookNotInstalled: {
    level: 'error',
    sentence: 'No webhook configuration of ours exists, so no pod is given anything.',
    remedy: 'Apply the manifests: `kubectl apply --server-side --kustomize config/base`.',
  },
  WebhookRulesChanged: {
    level: 'error',
    sentence: 'The webhook configuration does not ask about pods that are created.',
    remedy: 'Apply the manifests of the release again: the rule is CREATE of pods in v1.',
  },
  WebhookServiceMissing: {
    level: 'error',
    sentence: 'The Service that the webhook configuration names does not exist.',
    remedy: 'Apply the manifests of the release again, all into one namespace.',
  },
  WebhookPortMissing: {
    level: 'error',
    sentence: 'The Service of the webhook has no port of the number that the configuration names.',
    remedy: 'Give the Service that port, or take `port` out of the configuration: it is 443 then.',
  },
  WebhookNotReady: {
    level: 'error',
    sentence: 'No pod of the webhook is ready, so new pods start without their agents.',
    remedy:
      'See `kubectl describe pods -n <namespace> -l app.kubernetes.io/component=webhook`, and the log of the same pods.',
  },
  WebhookWithoutAuthority: {
    level: 'error',
    sentence: 'The webhook configuration holds no authority, so the API server trusts no answer.',
    remedy:
      'The webhook writes caBundle within seconds of its start: read its log with `kubectl logs -n <namespace> -l app.kubernetes.io/component=webhook`. A tool that applies the configuration must leave caBundle out.',
  },
  AuthorityOfAnother: {
    level: 'error',
    sentence: 'The authority in the webhook configuration did not sign the webhook’s certificate.',
    remedy:
      'Find out who else writes caBundle: `kubectl get mutatingwebhookconfigurations otel-retrofit -o yaml --show-managed-fields`.',
  },
  CertificateExpired: {
    level: 'error',
    sentence: 'The certificate of the webhook is not valid at this time.',
    remedy:
      'The webhook renews it in good time: read its log with `kubectl logs -n <namespace> -l app.kubernetes.io/component=webhook`. With cert-manager, look at the Certificate.',
  },
  NamespaceExcluded: {
    level: 'error',
    sentence: 'The webhook is not asked about the pods of this namespace.',
    remedy:
      'Change namespaceSelector in the MutatingWebhookConfiguration, or the labels of the namespace: `kubectl get namespace <namespace> --show-labels`.',
  },
  PodsExcluded: {
    level: 'error',
    sentence: 'The webhook is not asked about the pods of this workload.',
    remedy:
      'Change objectSelector in the MutatingWebhookConfiguration, or the labels of the pod template.',
  },
  ProbeFails: {
    level: 'error',
    sentence: 'Dry runs of the controller do not get their agent, so nothing is restarted.',
    remedy:
      'Look at the other findings first; then at the log of the controller: `kubectl logs -n <namespace> -l app.kubernetes.io/component=controller`.',
  },
  RightsMissing: {
    level: 'error',
    sentence: 'A ServiceAccount of ours lacks a right that it needs.',
    remedy: 'Apply the roles of the release again.',
  },
  ControllerMissing: {
    level: 'warning',
    sentence: 'There is no controller: what new pods missed is never noticed and never mended.',
    remedy: 'Apply the manifests of the release again.',
  },
  ControllerNotReady: {
    level: 'warning',
    sentence: 'No controller is ready: what new pods missed is not mended meanwhile.',
    remedy:
      'See `kubectl describe pods -n <namespace> -l app.kubernetes.io/component=controller`, and the log of the same pods.',
  },
  NobodyLeads: {
    level: 'warning',
    sentence: 'No controller holds the lease, so nothing is restarted.',
    remedy:
      'Read the log of the controllers: `kubectl logs -n <namespace> -l app.kubernetes.io/component=controller`.',
  },
  HomeExcluded: {
    level: 'warning',
    sentence:
      'The webhook is not asked about pods of our own namespace, so nothing proves that it works, and nothing is restarted.',
    remedy: 'Let namespaceSelector take our own namespace in: dry runs are made there.',
  },
  ReleasesDiffer: {
    level: 'warning',
    sentence: 'The webhook and the controller run different images.',
    remedy: 'Wait for the end of the upgrade, or give both the same image.',
  },
  OperatorBeside: {
    level: 'warning',
    sentence: 'The webhook of the OpenTelemetry Operator gives agents to the same pods.',
    remedy:
      'Leave instrumentation to one of the two: take the webhook mpod.kb.io out of the operator’s configuration, or uninstall the operator.',
  },
  VendorBeside: {
    level: 'warning',
    sentence: 'A webhook of another vendor may put a second agent into the same pods.',
    remedy: 'Leave each namespace to one of the two: two agents in one process help nobody.',
  },
  WebhookMayBlock: {
    level: 'warning',
    sentence: 'The failure policy is Fail: while the webhook is away no pod can be created.',
    remedy: 'Set failurePolicy to Ignore: what is missed meanwhile is mended afterwards.',
  },
  NotLookedAt: {
    level: 'note',
    sentence: 'Some kinds could not be read, so nothing is said of what depends on them.',
    remedy: 'Ask for the right to list them.',
  },
} as const;

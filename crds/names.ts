/** Every name that other programs, manifests and people know us or the OpenTelemetry API by. */
export const names = {
  group: 'opentelemetry.io',
  version: 'v1alpha1',
  kind: 'Instrumentation',
  fieldManager: 'otel-retrofit',
} as const;

const asked = 'instrumentation.opentelemetry.io/';
const ours = 'otel-retrofit.dev/';

/** Annotations users write, read from pods and namespaces unless a comment says otherwise. */
export const annotations = {
  inject: (language: string) => `${asked}inject-${language}`,
  containerNames: `${asked}container-names`,
  /** nginx breaks the pattern: its list is called `inject-nginx-container-names`. */
  languageContainerNames: (language: string) =>
    language === 'nginx'
      ? `${asked}inject-nginx-container-names`
      : `${asked}${language}-container-names`,
  pythonPlatform: `${asked}otel-python-platform`,
  dotnetRuntime: `${asked}otel-dotnet-auto-runtime`,
  /** Pod only. */
  goTargetExecutable: `${asked}otel-go-auto-target-exe`,
  /** Pod only; the rest of the key is the name of a resource attribute. */
  resourcePrefix: 'resource.opentelemetry.io/',
  /** Variables whose value comes from `envFrom` and is to be kept when ours is added. */
  joinEnv: `${ours}join-env`,
  /** On a workload or its pod template, a namespace or an Instrumentation: who decides on restarts. */
  remediation: `${ours}remediation`,
  /** In the same places: pods that are only out of date are restarted too. */
  restartOutdated: `${ours}restart-outdated`,
  /** On a workload: up to which restart all is forgiven. On an Instrumentation: since when. */
  resume: `${ours}resume`,
} as const;

/** Annotations we write on pods, and the one we write on pod templates. */
export const marks = {
  injected: `${ours}injected`,
  declined: `${ours}declined`,
  /** On a dry-run pod of ours: asks whether the webhook answers, and with which view. */
  probe: `${ours}probe`,
  /** On a pod template, where a new value is a restart: tells of our restarts of its workload. */
  restart: `${ours}restart`,
} as const;

export const labels = {
  instance: 'app.kubernetes.io/instance',
  name: 'app.kubernetes.io/name',
  version: 'app.kubernetes.io/version',
  podTemplateHash: 'pod-template-hash',
  rolloutsPodTemplateHash: 'rollouts-pod-template-hash',
} as const;

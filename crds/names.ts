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
} as const;

/** Annotations we write on pods. */
export const marks = {
  injected: `${ours}injected`,
  declined: `${ours}declined`,
  /** On a dry-run pod of ours: asks whether the webhook answers, and with which view. */
  probe: `${ours}probe`,
} as const;

export const labels = {
  instance: 'app.kubernetes.io/instance',
  name: 'app.kubernetes.io/name',
  version: 'app.kubernetes.io/version',
  podTemplateHash: 'pod-template-hash',
  rolloutsPodTemplateHash: 'rollouts-pod-template-hash',
} as const;

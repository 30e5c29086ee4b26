// Rendered from crds/instrumentations.yaml by "npm run render": change that file, not this one.
/* oxlint-disable max-lines */

/**
 * An Instrumentation says which OpenTelemetry agents pods get, how they are set up, and where they
 * send. Pods ask for it with an annotation on themselves or their namespace, such as
 * instrumentation.opentelemetry.io/inject-java: "true".
 */
export interface Instrumentation {
  /** Always opentelemetry.io/v1alpha1. */
  readonly apiVersion?: string;
  /** Always Instrumentation. */
  readonly kind?: string;
  readonly metadata: Metadata;
  /**
   * What pods that ask for this Instrumentation get. Everything may be left out: what is missing is
   * filled in when a pod is injected, never in this object.
   */
  readonly spec?: InstrumentationSpec;
  /** What became of it, written by otel-retrofit. */
  readonly status?: InstrumentationStatus;
}

/** The members of every object's metadata that matter here. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface InstrumentationSpec {
  /** Where telemetry is sent. */
  readonly exporter?: Exporter;
  /**
   * Formats in which trace context travels between services. Becomes OTEL_PROPAGATORS. Left out,
   * agents use tracecontext and baggage. All services of a trace should agree.
   */
  readonly propagators?: readonly Propagator[];
  /**
   * Which traces are kept. Not used for a container that sets OTEL_TRACES_SAMPLER or
   * OTEL_TRACES_SAMPLER_ARG itself.
   */
  readonly sampler?: Sampler;
  /**
   * Attributes that say where telemetry comes from. They become OTEL_RESOURCE_ATTRIBUTES, together
   * with what is known of the pod.
   */
  readonly resource?: Resource;
  /** How names are found that nobody gave. */
  readonly defaults?: Defaults;
  /**
   * Variables for every instrumented container, whatever its language. A variable that the
   * container or the language settings set already stays as it is.
   */
  readonly env?: readonly EnvVar[];
  /**
   * When nodes pull the images of injected containers: Always, IfNotPresent or Never. Other values
   * make every pod invalid, so injection is refused.
   */
  readonly imagePullPolicy?: string;
  /**
   * Security context of injected init containers. Left out, it is that of the first container to be
   * instrumented. The Go agent has its own in go.securityContext.
   */
  readonly initContainerSecurityContext?: SecurityContext;
  /** Settings for Java, asked for by instrumentation.opentelemetry.io/inject-java. */
  readonly java?: JavaSettings;
  /** Settings for Node.js, asked for by instrumentation.opentelemetry.io/inject-nodejs. */
  readonly nodejs?: NodejsSettings;
  /** Settings for Python, asked for by instrumentation.opentelemetry.io/inject-python. */
  readonly python?: PythonSettings;
  /** Settings for .NET, asked for by instrumentation.opentelemetry.io/inject-dotnet. */
  readonly dotnet?: DotnetSettings;
  /**
   * Settings for Go, asked for by instrumentation.opentelemetry.io/inject-go. The agent watches the
   * program from a sidecar, which needs to know its executable: set the annotation
   * instrumentation.opentelemetry.io/otel-go-auto-target-exe on the pod, or OTEL_GO_AUTO_TARGET_EXE
   * in env.
   */
  readonly go?: GoSettings;
  /**
   * Settings for the Apache HTTP Server, asked for by
   * instrumentation.opentelemetry.io/inject-apache-httpd.
   */
  readonly apacheHttpd?: ApacheHttpdSettings;
  /** Settings for Nginx, asked for by instrumentation.opentelemetry.io/inject-nginx. */
  readonly nginx?: NginxSettings;
}

export interface Exporter {
  /**
   * OTLP endpoint that agents send to, usually a Collector. Becomes OTEL_EXPORTER_OTLP_ENDPOINT.
   * Port 4318 speaks HTTP and suits every agent but those of Apache and Nginx, which need gRPC on
   * 4317. On that port the other agents are told to use gRPC as well, unless somebody chose a
   * protocol; the Python agent cannot. Without an endpoint agents send to localhost, where nothing
   * listens unless a Collector runs in the pod.
   */
  readonly endpoint?: string;
  /**
   * Certificates for an endpoint that starts with https://. The Secret and the ConfigMap are looked
   * for in the namespace of the pod.
   */
  readonly tls?: ExporterTls;
}

export interface ExporterTls {
  /**
   * Secret to mount into instrumented containers; cert_file and key_file are keys of it. A missing
   * Secret does not keep pods from starting.
   */
  readonly secretName?: string;
  /**
   * ConfigMap to mount into instrumented containers. When it is set, ca_file is a key of it and not
   * of the Secret. A missing ConfigMap does not keep pods from starting.
   */
  readonly configMapName?: string;
  /**
   * Certificate authority of the endpoint: a key of the ConfigMap or the Secret, or an absolute
   * path in the container. Becomes OTEL_EXPORTER_OTLP_CERTIFICATE.
   */
  readonly ca_file?: string;
  /**
   * Client certificate: a key of the Secret, or an absolute path in the container. Becomes
   * OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and needs key_file too.
   */
  readonly cert_file?: string;
  /**
   * Private key of the client certificate: a key of the Secret, or an absolute path in the
   * container. Becomes OTEL_EXPORTER_OTLP_CLIENT_KEY and needs cert_file too.
   */
  readonly key_file?: string;
}

export type Propagator =
  | 'tracecontext'
  | 'baggage'
  | 'b3'
  | 'b3multi'
  | 'jaeger'
  | 'xray'
  | 'ottrace'
  | 'none';

export interface Sampler {
  /**
   * The sampler. Becomes OTEL_TRACES_SAMPLER. Left out, agents keep every trace, unless the service
   * that called decided otherwise. Not every agent knows jaeger_remote and xray.
   */
  readonly type?: SamplerType;
  /**
   * What the sampler needs to know. Becomes OTEL_TRACES_SAMPLER_ARG; has no effect without a type.
   * For traceidratio and parentbased_traceidratio the share of traces to keep, from "0" to "1". For
   * jaeger_remote a list such as
   * endpoint=http://jaeger:14250,pollingIntervalMs=5000,initialSamplingRate=0.25.
   */
  readonly argument?: string;
}

export type SamplerType =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio'
  | 'jaeger_remote'
  | 'xray';

export interface Resource {
  /**
   * Attributes for every pod, for example deployment.environment.name: production. What a container
   * sets itself, what is known of the pod, and resource.opentelemetry.io/ annotations win over
   * these.
   */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  /**
   * When true, the UIDs of the pod and its owners are added, such as k8s.pod.uid and
   * k8s.deployment.uid.
   */
  readonly addK8sUIDAttributes?: boolean;
}

export interface Defaults {
  /**
   * When true, the labels app.kubernetes.io/instance (or name) and app.kubernetes.io/version of a
   * pod give service.name and service.version, ahead of the name of the workload and the tag of the
   * image.
   */
  readonly useLabelsForResourceAttributes?: boolean;
}

/** One environment variable, written as in a container. */
export interface EnvVar {
  /** Name of the variable. */
  readonly name: string;
  /**
   * Value of the variable. $(NAME) is replaced by the value of a variable that stands earlier in
   * the container. Quote true, false and numbers: an API server takes only text here.
   */
  readonly value?: string;
  /**
   * Takes the value from somewhere else. Set exactly one of its members, and no value beside it:
   * such a variable makes every pod invalid, so injection is refused.
   */
  readonly valueFrom?: EnvVarSource;
}

export interface EnvVarSource {
  /** Takes the value of a field of the pod, such as metadata.name or status.podIP. */
  readonly fieldRef?: ObjectFieldSelector;
  /** Takes a resource limit or request of a container. */
  readonly resourceFieldRef?: ResourceFieldSelector;
  /** Takes the value of one key of a ConfigMap in the pod's own namespace. */
  readonly configMapKeyRef?: ConfigMapKeySelector;
  /** Takes the value of one key of a Secret in the pod's own namespace. */
  readonly secretKeyRef?: SecretKeySelector;
  /**
   * Takes the value of one key of a file of variables in an emptyDir volume of the pod. Needs a
   * cluster with the EnvFiles feature.
   */
  readonly fileKeyRef?: FileKeySelector;
}

export interface ObjectFieldSelector {
  /** API version that the path is written for. Kubernetes assumes v1. */
  readonly apiVersion?: string;
  /** Path of the field within the pod. */
  readonly fieldPath: string;
}

export interface ResourceFieldSelector {
  /** The container meant. Left out, it is the container that gets the variable. */
  readonly containerName?: string;
  /** The resource, for example limits.cpu or requests.memory. */
  readonly resource: string;
  /** Unit the value is expressed in, for example 1m or 1Mi. Kubernetes assumes 1. */
  readonly divisor?: number | string;
}

export interface ConfigMapKeySelector {
  /**
   * Name of the ConfigMap. It must exist in every namespace whose pods use this Instrumentation.
   */
  readonly name?: string;
  /** Key within the ConfigMap. */
  readonly key: string;
  /**
   * When true, a missing ConfigMap or key leaves the variable out. Otherwise the container does not
   * start.
   */
  readonly optional?: boolean;
}

export interface SecretKeySelector {
  /** Name of the Secret. It must exist in every namespace whose pods use this Instrumentation. */
  readonly name?: string;
  /** Key within the Secret. */
  readonly key: string;
  /**
   * When true, a missing Secret or key leaves the variable out. Otherwise the container does not
   * start.
   */
  readonly optional?: boolean;
}

export interface FileKeySelector {
  /** Name of the volume that holds the file. */
  readonly volumeName: string;
  /** Path of the file within the volume, relative and without "..". */
  readonly path: string;
  /** Name of the variable within the file. */
  readonly key: string;
  /**
   * When true, a missing file or key leaves the variable out. Otherwise the container does not
   * start.
   */
  readonly optional?: boolean;
}

export interface SecurityContext {
  /** User ID that the container runs as. */
  readonly runAsUser?: number;
  /** Group ID that the container runs as. */
  readonly runAsGroup?: number;
  /** When true, the node refuses to start the container as root. */
  readonly runAsNonRoot?: boolean;
  /**
   * When true, the container cannot write to its own file system. Agent files are copied into a
   * volume, so init containers work either way.
   */
  readonly readOnlyRootFilesystem?: boolean;
  /** Whether a program may gain more privileges than the one that started it. */
  readonly allowPrivilegeEscalation?: boolean;
  /** When true, the container is as powerful as root on the node. */
  readonly privileged?: boolean;
  /** Linux capabilities added to or taken from what the container runtime grants. */
  readonly capabilities?: Capabilities;
  /** System calls the container may make. */
  readonly seccompProfile?: SecurityProfile;
  /** AppArmor profile of the container. */
  readonly appArmorProfile?: SecurityProfile;
  /** SELinux label of the container. */
  readonly seLinuxOptions?: SELinuxOptions;
  /** How /proc is mounted: Default, or Unmasked in pods with a user namespace of their own. */
  readonly procMount?: string;
  /** Settings for Windows containers. None of the agents injected here run on Windows nodes. */
  readonly windowsOptions?: WindowsSecurityContextOptions;
}

export interface Capabilities {
  /** Capabilities to add. */
  readonly add?: readonly string[];
  /** Capabilities to take away. */
  readonly drop?: readonly string[];
}

export interface SecurityProfile {
  /** Which kind of profile applies: RuntimeDefault, Unconfined or Localhost. */
  readonly type: string;
  /**
   * Name of a profile that is loaded on the node. Set it if, and only if, the type is Localhost.
   */
  readonly localhostProfile?: string;
}

export interface SELinuxOptions {
  /** User part of the label. */
  readonly user?: string;
  /** Role part of the label. */
  readonly role?: string;
  /** Type part of the label. */
  readonly type?: string;
  /** Level part of the label. */
  readonly level?: string;
}

export interface WindowsSecurityContextOptions {
  /** User that the container runs as. */
  readonly runAsUserName?: string;
  /** Name of the group managed service account credential spec. */
  readonly gmsaCredentialSpecName?: string;
  /** Contents of the group managed service account credential spec. */
  readonly gmsaCredentialSpec?: string;
  /** Whether the container is a HostProcess container. All containers of a pod must agree. */
  readonly hostProcess?: boolean;
}

export interface JavaSettings {
  /**
   * Image that carries the Java agent as /javaagent.jar. Left out, it is the default of this
   * release, shown in status.resolved.
   */
  readonly image?: string;
  /**
   * Variables for containers with the Java agent. A variable the container sets itself stays as it
   * is; one set here wins over spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Resources of the init containers that copy the agent and its extensions. Where limits are left
   * out, they are 500m and 256Mi; where requests are left out, 50m and 64Mi.
   */
  readonly resources?: ResourceRequirements;
  /** Extensions of the agent. Each one is copied by an init container of its own. */
  readonly extensions?: readonly JavaExtension[];
  /**
   * Template of a claim for the volume that holds the agent, in place of an emptyDir. Each pod gets
   * a volume of its own, deleted with the pod. A template whose members are all empty counts as
   * left out.
   */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated: use volumeClaimTemplate for a volume of another size. Limits the emptyDir volume
   * that holds the agent; left out, 200Mi.
   */
  readonly volumeLimitSize?: number | string;
}

export interface ResourceRequirements {
  /** The most a container may use, by resource name, for example cpu or memory. */
  readonly limits?: Readonly<Record<string, number | string>>;
  /** What is set aside for a container when its pod is scheduled, by resource name. */
  readonly requests?: Readonly<Record<string, number | string>>;
  /**
   * Claims of the pod's spec.resourceClaims that a container uses. Pods without a claim of that
   * name are refused by the API server.
   */
  readonly claims?: readonly ResourceClaim[];
}

/** One claim. */
export interface ResourceClaim {
  /** Name of an entry of the pod's spec.resourceClaims. */
  readonly name: string;
  /** Name of one request within the claim. Left out, everything in the claim is available. */
  readonly request?: string;
}

/** One extension. */
export interface JavaExtension {
  /** Image that carries the extension. */
  readonly image: string;
  /** Directory in the image that holds the extension. All of it is copied. */
  readonly dir: string;
}

export interface PersistentVolumeClaimTemplate {
  /** Labels and annotations copied to the claim. */
  readonly metadata?: ClaimMetadata;
  /** What the claim asks for, as in a PersistentVolumeClaim. */
  readonly spec: PersistentVolumeClaimSpec;
}

export interface ClaimMetadata {
  /** Annotations of the claim. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Labels of the claim. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Finalizers of the claim. */
  readonly finalizers?: readonly string[];
  /** Not usable: Kubernetes names the claim after the pod and the volume. */
  readonly name?: string;
  /** Not usable: the claim is made in the namespace of the pod. */
  readonly namespace?: string;
}

export interface PersistentVolumeClaimSpec {
  /**
   * How the volume is mounted, usually [ReadWriteOnce]. Without it Kubernetes refuses every pod, so
   * injection is refused instead.
   */
  readonly accessModes?: readonly string[];
  /** Size of the volume. */
  readonly resources?: VolumeResourceRequirements;
  /**
   * StorageClass that provides the volume. Left out, it is the default of the cluster; an empty
   * text turns dynamic provisioning off.
   */
  readonly storageClassName?: string;
  /**
   * Must be Filesystem, which is also what Kubernetes assumes: a container cannot copy files to a
   * Block volume.
   */
  readonly volumeMode?: string;
  /**
   * Name of an existing PersistentVolume to bind. With more than one pod only the first gets it.
   */
  readonly volumeName?: string;
  /** VolumeAttributesClass that tunes the volume. */
  readonly volumeAttributesClassName?: string;
  /** Which existing PersistentVolumes may be bound. */
  readonly selector?: LabelSelector;
  /**
   * Contents the volume starts with: a VolumeSnapshot or another claim in the namespace of the pod.
   */
  readonly dataSource?: TypedLocalObjectReference;
  /** Like dataSource, and open to more kinds of source. Set one of the two. */
  readonly dataSourceRef?: TypedObjectReference;
}

export interface VolumeResourceRequirements {
  /** What is asked for, usually storage: 500Mi. */
  readonly requests?: Readonly<Record<string, number | string>>;
  /** The most that may be given. */
  readonly limits?: Readonly<Record<string, number | string>>;
}

export interface LabelSelector {
  /** Labels a volume must have, each with exactly this value. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Conditions on labels. All must hold. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** One condition. */
export interface LabelSelectorRequirement {
  /** Name of the label. */
  readonly key: string;
  /** In, NotIn, Exists or DoesNotExist. */
  readonly operator: string;
  /** Values for In and NotIn; empty for the others. */
  readonly values?: readonly string[];
}

export interface TypedLocalObjectReference {
  /**
   * API group of the source. Left out, it is the core group, and the kind must be
   * PersistentVolumeClaim.
   */
  readonly apiGroup?: string;
  /** Kind of the source, for example VolumeSnapshot. */
  readonly kind: string;
  /** Name of the source. */
  readonly name: string;
}

export interface TypedObjectReference {
  /**
   * API group of the source. Left out, it is the core group, and the kind must be
   * PersistentVolumeClaim.
   */
  readonly apiGroup?: string;
  /** Kind of the source, for example VolumeSnapshot. */
  readonly kind: string;
  /** Name of the source. */
  readonly name: string;
  /** Namespace of the source. Needs a cluster with the CrossNamespaceVolumeDataSource feature. */
  readonly namespace?: string;
}

export interface NodejsSettings {
  /**
   * Image that carries the Node.js agent in /autoinstrumentation. Left out, it is the default of
   * this release, shown in status.resolved.
   */
  readonly image?: string;
  /**
   * Variables for containers with the Node.js agent. A variable the container sets itself stays as
   * it is; one set here wins over spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Resources of the init container that copies the agent. Where limits are left out, they are 500m
   * and 256Mi; where requests are left out, 50m and 128Mi.
   */
  readonly resourceRequirements?: ResourceRequirements;
  /**
   * Template of a claim for the volume that holds the agent, in place of an emptyDir. Each pod gets
   * a volume of its own, deleted with the pod. A template whose members are all empty counts as
   * left out.
   */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated: use volumeClaimTemplate for a volume of another size. Limits the emptyDir volume
   * that holds the agent; left out, 200Mi.
   */
  readonly volumeLimitSize?: number | string;
}

export interface PythonSettings {
  /**
   * Image that carries the Python agent in /autoinstrumentation, and in /autoinstrumentation-musl
   * for musl. Left out, it is the default of this release, shown in status.resolved.
   */
  readonly image?: string;
  /**
   * Variables for containers with the Python agent. A variable the container sets itself stays as
   * it is; one set here wins over spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Resources of the init container that copies the agent. Where limits are left out, they are 500m
   * and 256Mi; where requests are left out, 50m and 64Mi.
   */
  readonly resourceRequirements?: ResourceRequirements;
  /**
   * Template of a claim for the volume that holds the agent, in place of an emptyDir. Each pod gets
   * a volume of its own, deleted with the pod. A template whose members are all empty counts as
   * left out.
   */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated: use volumeClaimTemplate for a volume of another size. Limits the emptyDir volume
   * that holds the agent; left out, 200Mi.
   */
  readonly volumeLimitSize?: number | string;
}

export interface DotnetSettings {
  /**
   * Image that carries the .NET agent in /autoinstrumentation. Left out, it is the default of this
   * release, shown in status.resolved.
   */
  readonly image?: string;
  /**
   * Variables for containers with the .NET agent. OTEL_DOTNET_AUTO_HOME must not be among them. A
   * variable the container sets itself stays as it is; one set here wins over spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Resources of the init container that copies the agent. Where limits are left out, they are 500m
   * and 256Mi; where requests are left out, 50m and 128Mi.
   */
  readonly resourceRequirements?: ResourceRequirements;
  /**
   * Template of a claim for the volume that holds the agent, in place of an emptyDir. Each pod gets
   * a volume of its own, deleted with the pod. A template whose members are all empty counts as
   * left out.
   */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated: use volumeClaimTemplate for a volume of another size. Limits the emptyDir volume
   * that holds the agent; left out, 200Mi.
   */
  readonly volumeLimitSize?: number | string;
}

export interface GoSettings {
  /**
   * Image that carries the Go agent. Left out, it is the default of this release, shown in
   * status.resolved.
   */
  readonly image?: string;
  /**
   * Variables for the sidecar, which does not see those of the program. One set here wins over
   * spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Resources of the sidecar. Where limits are left out, they are 500m and 256Mi; where requests
   * are left out, 50m and 64Mi.
   */
  readonly resourceRequirements?: ResourceRequirements;
  /**
   * Security context of the sidecar. Left out, it is privileged and runs as user 0, which the agent
   * needs to look into other processes.
   */
  readonly securityContext?: SecurityContext;
  /** Without effect: accepted so that existing objects stay valid. */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated, and without effect: accepted so that existing objects stay valid. There is nothing
   * to use instead.
   */
  readonly volumeLimitSize?: number | string;
}

export interface ApacheHttpdSettings {
  /**
   * Image that carries the Apache module. Left out, it is the default of this release, shown in
   * status.resolved.
   */
  readonly image?: string;
  /**
   * Variables for the server and the init containers that prepare its configuration. A variable the
   * container sets itself stays as it is; one set here wins over spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Directives for the Apache module. They are added to the generated ones and win over them. Only
   * name and value are used; valueFrom is not.
   */
  readonly attrs?: readonly EnvVar[];
  /**
   * Version of the server. Exactly "2.2" loads the module for 2.2; otherwise the one for 2.4 is
   * loaded.
   */
  readonly version?: string;
  /**
   * Directory of the configuration, which must hold httpd.conf. Left out, it is
   * /usr/local/apache2/conf. It must not be / itself.
   */
  readonly configPath?: string;
  /**
   * Resources of the init containers. Where limits are left out, they are 500m and 256Mi; where
   * requests are left out, 1m and 128Mi.
   */
  readonly resourceRequirements?: ResourceRequirements;
  /**
   * Template of a claim for the volume that holds the agent, in place of an emptyDir. Each pod gets
   * a volume of its own, deleted with the pod. A template whose members are all empty counts as
   * left out.
   */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated: use volumeClaimTemplate for a volume of another size. Limits the emptyDir volume
   * that holds the agent; left out, 200Mi. The volume with the configuration has the same limit.
   */
  readonly volumeLimitSize?: number | string;
}

export interface NginxSettings {
  /**
   * Image that carries the Nginx module. Left out, it is the default of this release, shown in
   * status.resolved. The module exists for certain versions of Nginx only.
   */
  readonly image?: string;
  /**
   * Variables for the server and the init containers that prepare its configuration. A variable the
   * container sets itself stays as it is; one set here wins over spec.env.
   */
  readonly env?: readonly EnvVar[];
  /**
   * Directives for the Nginx module. They are added to the generated ones and win over them. Only
   * name and value are used; valueFrom is not.
   */
  readonly attrs?: readonly EnvVar[];
  /**
   * The configuration file. Left out, it is /etc/nginx/nginx.conf. Its directory must have a conf.d
   * whose files the http block includes.
   */
  readonly configFile?: string;
  /**
   * Resources of the init containers. Where limits are left out, they are 500m and 256Mi; where
   * requests are left out, 1m and 128Mi.
   */
  readonly resourceRequirements?: ResourceRequirements;
  /** Without effect: accepted so that existing objects stay valid. */
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
  /**
   * Deprecated, and without effect: accepted so that existing objects stay valid. There is nothing
   * to use instead.
   */
  readonly volumeLimitSize?: number | string;
}

export interface InstrumentationStatus {
  /** The metadata.generation that the rest of the status speaks of. */
  readonly observedGeneration?: number;
  /**
   * Ready: this generation is valid and served by a webhook that was seen to work. Covered: every
   * pod that asked for it has it. Remediating: restarts are planned or under way. Reconciling and
   * Stalled are there only while true; Stalled means that only a change of this object helps.
   */
  readonly conditions?: readonly Condition[];
  /** Running pods that ask for this Instrumentation. */
  readonly pods?: PodCounts;
  /** Workloads whose pods ask for this Instrumentation, by what is to be done about them. */
  readonly workloads?: WorkloadCounts;
  /**
   * What a new pod would get, by language, defaults filled in. The keys are java, nodejs, python,
   * dotnet, go, apache-httpd, nginx and sdk.
   */
  readonly resolved?: Readonly<Record<string, ResolvedAgent>>;
  /** Workloads that need a person, ten at most. */
  readonly attention?: readonly Attention[];
  /**
   * There while restarts for this Instrumentation are stopped because they did harm or no good.
   * Other settings close it; so does the annotation otel-retrofit.dev/resume with the value of
   * since.
   */
  readonly breaker?: Breaker;
  /** When the settings last changed, so that restarts can wait until they have settled. */
  readonly settings?: SettingsChange;
  /**
   * Written by the OpenTelemetry Operator and kept as it is: agents it would not upgrade by itself,
   * by language. Not used here.
   */
  readonly upgradeBlockedVersions?: Readonly<Record<string, string>>;
}

/** One condition. */
export interface Condition {
  /** Name of the condition. */
  readonly type: string;
  /** Whether the condition holds. */
  readonly status: ConditionStatus;
  /** The metadata.generation that this condition speaks of. */
  readonly observedGeneration?: number;
  /** When the status of the condition last changed. */
  readonly lastTransitionTime: string;
  /** Why, in one word; each is explained in the reference of reasons. */
  readonly reason: string;
  /** Why, in a sentence, and what to do about it. */
  readonly message: string;
}

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export interface PodCounts {
  /** How many there are. */
  readonly wanted?: number;
  /** Those that have what a new pod would get. */
  readonly current?: number;
  /**
   * Those that have what was asked for, with the default agents of an earlier release. They are
   * among the current ones.
   */
  readonly aged?: number;
  /** Those that have the agents, with other settings than the present ones. */
  readonly outdated?: number;
  /** Those that were injected by the OpenTelemetry Operator. */
  readonly adopted?: number;
  /** Those that have nothing, most often because they are older than this object or the request. */
  readonly missing?: number;
  /** Those that cannot be given anything; attention says why. */
  readonly refused?: number;
}

export interface WorkloadCounts {
  /** Nothing: every pod has it. */
  readonly current?: number;
  /** A restart, in this round or the next. */
  readonly behind?: number;
  /** A restart, as soon as something else has passed. */
  readonly waiting?: number;
  /** A restart, by a person: policy or the kind of workload leaves it to people. */
  readonly held?: number;
  /** A look, by a person: a restart was tried and did not help. */
  readonly stuck?: number;
  /** A change of the workload or of this object: a restart would not help. */
  readonly refused?: number;
}

/** What a new pod of one language would get. */
export interface ResolvedAgent {
  /** Image of the agent. Not there for sdk, which has none. */
  readonly image?: string;
  /** Where the agent sends to. */
  readonly endpoint?: string;
}

/** One workload. */
export interface Attention {
  /** Kind, namespace and name, for example Deployment/shop/cart. */
  readonly workload: string;
  /** Why, in one word; each is explained in the reference of reasons. */
  readonly reason: string;
  /** Why, in a sentence, and what to do about it. */
  readonly message: string;
}

export interface Breaker {
  /** When it opened. */
  readonly since: string;
  /** The workload whose restart opened it, for example Deployment/shop/cart. */
  readonly workload: string;
  /** What happened to that restart. */
  readonly reason: string;
  /** Digest of the settings it was opened for. */
  readonly settings: string;
}

export interface SettingsChange {
  /** Digest of the present settings. */
  readonly digest?: string;
  /** When these settings were first seen. */
  readonly since?: string;
  /**
   * Changes that restarts followed, each by the time it was first seen; the latest is there before
   * the first restart. At most two in a day and four in a week are followed.
   */
  readonly followed?: readonly string[];
}

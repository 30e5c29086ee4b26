export const languages = [
  'java',
  'nodejs',
  'python',
  'dotnet',
  'go',
  'apache-httpd',
  'nginx',
  'sdk',
] as const;

export type Language = (typeof languages)[number];
export type Agent = Exclude<Language, 'sdk'>;

export type Fields = Readonly<Record<string, unknown>>;
export type Texts = Readonly<Record<string, string>>;

/** One pod, and all that the operator would look at to decide about it. */
export interface Case {
  readonly namespace: {
    readonly name: string;
    readonly annotations: Texts;
    readonly labels: Texts;
  };
  readonly pod: Pod;
  readonly instrumentations: readonly Instrumentation[];
  /** Who owns a ReplicaSet or Job of the namespace, by kind and name: `Job/report-7`. */
  readonly makers: Readonly<Record<string, readonly Owner[]>>;
  /** Secrets and ConfigMaps that the namespace does not have, as `Secret/gone`. */
  readonly missing: readonly string[];
  readonly disabled: readonly Language[];
  /** Whether the operator runs with its switch for multi-instrumentation off. */
  readonly isMultiOff: boolean;
}

export interface Pod {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly labels?: Texts;
    readonly annotations?: Texts;
    readonly ownerReferences?: readonly Owner[];
  };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly shareProcessNamespace?: boolean;
  readonly hostPID?: boolean;
  readonly nodeName?: string;
  readonly securityContext?: Fields;
  readonly resources?: Fields;
  readonly os?: { readonly name: string };
  readonly nodeSelector?: Texts;
  readonly affinity?: Fields;
  readonly hostUsers?: boolean;
  readonly hostNetwork?: boolean;
  readonly imagePullSecrets?: readonly Fields[];
  readonly resourceClaims?: readonly Fields[];
  readonly ephemeralContainers?: readonly Fields[];
}

export interface Owner {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly controller?: boolean;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly Fields[];
  readonly volumeMounts?: readonly Mount[];
  readonly securityContext?: Fields;
  readonly imagePullPolicy?: string;
  readonly restartPolicy?: string;
  readonly resources?: Fields;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Readonly<Record<string, Fields>>;
}

export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

export interface Volume {
  readonly name: string;
  readonly secret?: Fields;
  readonly configMap?: Fields;
  readonly hostPath?: Fields;
  readonly emptyDir?: Fields;
  readonly ephemeral?: Fields;
}

export interface Instrumentation {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: Settings;
}

export interface Settings {
  readonly exporter?: { readonly endpoint?: string; readonly tls?: Certificates };
  readonly resource?: {
    readonly resourceAttributes?: Texts;
    readonly addK8sUIDAttributes?: boolean;
  };
  readonly propagators?: readonly string[];
  readonly sampler?: { readonly type?: string; readonly argument?: string };
  readonly defaults?: { readonly useLabelsForResourceAttributes?: boolean };
  readonly env?: readonly EnvVar[];
  readonly imagePullPolicy?: string;
  readonly initContainerSecurityContext?: Fields;
  readonly java?: AgentSettings;
  readonly nodejs?: AgentSettings;
  readonly python?: AgentSettings;
  readonly dotnet?: AgentSettings;
  readonly go?: AgentSettings;
  readonly apacheHttpd?: AgentSettings;
  readonly nginx?: AgentSettings;
}

export interface Certificates {
  readonly secretName?: string;
  readonly configMapName?: string;
  readonly ca_file?: string;
  readonly cert_file?: string;
  readonly key_file?: string;
}

export interface AgentSettings {
  readonly image?: string;
  readonly env?: readonly EnvVar[];
  readonly volumeLimitSize?: string | number;
  readonly volumeClaimTemplate?: Fields;
  readonly resources?: Resources;
  readonly resourceRequirements?: Resources;
  readonly extensions?: readonly { readonly image: string; readonly dir: string }[];
  readonly securityContext?: Fields;
  readonly attrs?: readonly { readonly name: string; readonly value?: string }[];
  readonly version?: string;
  readonly configPath?: string;
  readonly configFile?: string;
}

export interface Resources {
  readonly limits?: Amounts;
  readonly requests?: Amounts;
  readonly claims?: readonly Fields[];
}

export type Amounts = Readonly<Record<string, string | number>>;

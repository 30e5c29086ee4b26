import type { JsonObject } from '../../json.ts';

/** In the order in which they are injected. */
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

/** `sdk` brings variables alone; the others bring files and an image. */
export type AgentLanguage = Exclude<Language, 'sdk'>;

/** An environment entry in the shape the API server wants, copied whole. */
export interface EnvEntry extends JsonObject {
  readonly name: string;
}

export interface ExporterTls {
  readonly secretName: string | undefined;
  readonly configMapName: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** What an Instrumentation says for all languages. */
export interface SharedSettings {
  readonly endpoint: string | undefined;
  readonly tls: ExporterTls | undefined;
  readonly resourceAttributes: readonly (readonly [key: string, value: string])[];
  readonly addUids: boolean;
  readonly useLabels: boolean;
  readonly propagators: readonly string[];
  readonly sampler: { readonly type: string; readonly argument: string | undefined } | undefined;
  readonly env: readonly EnvEntry[];
  readonly imagePullPolicy: string | undefined;
  readonly initContainerSecurityContext: JsonObject | undefined;
}

export interface Resources {
  readonly limits: JsonObject | undefined;
  readonly requests: JsonObject | undefined;
  readonly claims: readonly JsonObject[] | undefined;
}

export interface Extension {
  readonly image: string;
  readonly dir: string;
}

/** What an Instrumentation says for one language; the members a language does not have stay empty. */
export interface AgentSettings {
  readonly image: string | undefined;
  readonly env: readonly EnvEntry[];
  readonly volumeLimitSize: string | number | undefined;
  readonly volumeClaimTemplate: JsonObject | undefined;
  readonly resources: Resources;
  readonly extensions: readonly Extension[];
  readonly securityContext: JsonObject | undefined;
  readonly attrs: readonly (readonly [name: string, value: string])[];
  readonly version: string | undefined;
  readonly configPath: string | undefined;
  readonly configFile: string | undefined;
}

export interface Instrumentation {
  readonly namespace: string;
  readonly name: string;
  readonly shared: SharedSettings;
  readonly agents: Readonly<Record<AgentLanguage, AgentSettings>>;
  /** Settings that would make a pod invalid, as `<field>: <what is wrong>`, for the languages they spoil. */
  readonly problems: Readonly<Record<Language, readonly string[]>>;
  /** One digest per language over all that shapes a pod: the settings as written, ours left out. */
  readonly digests: Readonly<Record<Language, string>>;
}

/** The member of `spec` that holds a language's settings. */
export const specField: Readonly<Record<AgentLanguage, string>> = {
  java: 'java',
  nodejs: 'nodejs',
  python: 'python',
  dotnet: 'dotnet',
  go: 'go',
  'apache-httpd': 'apacheHttpd',
  nginx: 'nginx',
};

export const agentLanguages = languages.filter((language) => language !== 'sdk');

/** Fields for all languages that one makes no use of: what is wrong with them cannot spoil it. */
export const unusedFields: Readonly<Partial<Record<Language, readonly string[]>>> = {
  sdk: ['spec.imagePullPolicy', 'spec.initContainerSecurityContext'],
  go: ['spec.initContainerSecurityContext'],
};

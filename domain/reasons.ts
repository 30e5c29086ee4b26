import { workloadReasons } from './reasons/restart.ts';

/** What a reason explains; `noted` is said of something that was done all the same. */
export const outcomes = [
  'exempt',
  'refused',
  'noted',
  'stuck',
  'held',
  'waiting',
  'behind',
] as const;

export type Outcome = (typeof outcomes)[number];

export interface Entry {
  readonly outcome: Outcome;
  /** One sentence in the present tense, without names, times or counts, so that conditions never flap. */
  readonly summary: string;
  /** What a person can do about it; absent when nothing needs doing. */
  readonly remedy?: string;
}

/** Every decision that can be taken about a pod. */
export const podReasons = {
  NotAsked: {
    outcome: 'exempt',
    summary: 'Neither the pod nor its namespace asks for instrumentation.',
  },
  OptedOut: {
    outcome: 'exempt',
    summary: 'The pod or its namespace says "false" to instrumentation.',
  },
  AgentInTemplate: {
    outcome: 'exempt',
    summary: 'The pod arrives with an injected agent in its manifest.',
  },
  AlreadyInjected: {
    outcome: 'exempt',
    summary: 'The pod already carries what was injected into it.',
  },
  StaticPod: {
    outcome: 'exempt',
    summary: 'The pod mirrors a file on its node, and a change here would not reach it.',
  },

  NoInstrumentation: {
    outcome: 'refused',
    summary: 'The annotation says "true" and the namespace holds no Instrumentation.',
    remedy:
      'Create an Instrumentation in the namespace, or name one elsewhere: inject-<language>: "<namespace>/<name>".',
  },
  SeveralInstrumentationsSelect: {
    outcome: 'refused',
    summary: 'The annotation says "true" and the namespace holds several Instrumentations.',
    remedy: 'Name the one that is meant: inject-<language>: "<name>".',
  },
  InstrumentationNotFound: {
    outcome: 'refused',
    summary: 'The Instrumentation that the annotation names does not exist.',
    remedy:
      'Create it, or correct the name; one in another namespace is written "<namespace>/<name>". See `kubectl get instrumentations -A`.',
  },
  InstrumentationInvalid: {
    outcome: 'refused',
    summary: 'A setting of the Instrumentation would make the pod invalid.',
    remedy: 'Correct the field that is named.',
  },
  LanguageDisabled: {
    outcome: 'refused',
    summary: 'Instrumentation of this language is switched off in this installation.',
    remedy: 'Switch the language on in the settings, or remove the annotation.',
  },
  ContainerListInvalid: {
    outcome: 'refused',
    summary: 'A container list holds characters that no container name has.',
    remedy: 'Write container names separated by commas, for example "web,worker".',
  },
  ContainerNamesNeeded: {
    outcome: 'refused',
    summary: 'Several languages are asked for and this one does not say in which containers.',
    remedy: 'Add <language>-container-names for each language.',
  },
  UnknownContainer: {
    outcome: 'refused',
    summary: 'The container list names a container that the pod does not have.',
    remedy: 'Correct the name in the container list.',
  },
  InitContainerUnsupported: {
    outcome: 'refused',
    summary: 'This agent cannot be attached to an init container.',
    remedy: 'Name a regular container in the container list.',
  },
  OneContainerOnly: {
    outcome: 'refused',
    summary: 'This agent can serve one container of a pod, and another one has it.',
    remedy: 'Leave one container in the list.',
  },
  EnvironmentByReference: {
    outcome: 'refused',
    summary:
      'A variable that activates the agent comes from an optional reference and cannot be joined safely.',
    remedy: 'Give the variable a plain value, or make the reference required.',
  },
  AnotherAgentPresent: {
    outcome: 'refused',
    summary: 'The container already starts with an agent that this one cannot share it with.',
    remedy: 'Remove the agent from the command or the environment, or remove the annotation.',
  },
  AgentsExclude: {
    outcome: 'refused',
    summary: 'The Apache and Nginx agents cannot share a pod.',
    remedy: 'Ask for one of them, or move the other server to a pod of its own.',
  },
  UnsupportedPlatform: {
    outcome: 'refused',
    summary: 'No agent exists for the platform or runtime that is named.',
    remedy:
      'Use glibc or musl for Python, linux-x64, linux-musl-x64, linux-arm64 or linux-musl-arm64 for .NET, and Linux nodes.',
  },
  TargetExecutableMissing: {
    outcome: 'refused',
    summary: 'The Go agent is not told which executable to attach to.',
    remedy:
      'Add the annotation instrumentation.opentelemetry.io/otel-go-auto-target-exe: "/path/to/executable" to the pod template.',
  },
  ProcessNamespaceNotShared: {
    outcome: 'refused',
    summary:
      'The pod forbids a shared process namespace, and the Go agent must see its neighbours.',
    remedy: 'Remove shareProcessNamespace: false, or the annotation.',
  },
  RootRequired: {
    outcome: 'refused',
    summary: 'The pod demands to run as non-root, and the Go agent needs root.',
    remedy: 'Set go.securityContext in the Instrumentation, or remove the annotation.',
  },
  PodSecurityForbids: {
    outcome: 'refused',
    summary: 'The Pod Security level of the namespace forbids the container that the agent needs.',
    remedy:
      'Make initContainerSecurityContext fit the level, or remove it; the Go agent needs a namespace without a level.',
  },
  LimitRangeForbids: {
    outcome: 'refused',
    summary: 'A LimitRange of the namespace forbids what the agent would add to the pod.',
    remedy:
      'Make resourceRequirements of the language (Java: resources) fit, or change the LimitRange.',
  },
  NameTaken: {
    outcome: 'refused',
    summary: 'The pod already uses a name or path that the agent needs.',
    remedy: 'Rename the volume or container, or move the mount.',
  },
  PodUnreadable: {
    outcome: 'refused',
    summary: 'The pod is not shaped like a pod.',
    remedy: 'Check it with `kubectl apply --dry-run=server`.',
  },
  TooLarge: {
    outcome: 'refused',
    summary: 'The pod and the Instrumentation are too large together to be worked on in time.',
    remedy: 'Shorten the container list or the env list of the Instrumentation.',
  },

  HiddenEnvironment: {
    outcome: 'noted',
    summary:
      'A value of this variable in envFrom, if there is one, is replaced by the agent’s own.',
    remedy:
      'If the ConfigMap or Secret holds the key, add the annotation otel-retrofit.dev/join-env: "<VARIABLE>" to the pod template.',
  },
  ProtocolMismatch: {
    outcome: 'noted',
    summary: 'The endpoint’s port and the agent’s protocol do not fit; nothing would arrive.',
    remedy: 'Use port 4318 for http/protobuf, 4317 for grpc.',
  },
  EndpointMissing: {
    outcome: 'noted',
    summary: 'No endpoint is set; the agent sends to localhost, where usually nothing listens.',
    remedy: 'Set exporter.endpoint in the Instrumentation.',
  },
  OtherVendorsAgent: {
    outcome: 'noted',
    summary: 'Another vendor’s agent starts in the same container.',
    remedy: 'Run one agent: two in one process are supported by neither.',
  },
  SidecarOutlivesJob: {
    outcome: 'noted',
    summary: 'The Go agent runs on when the work is done, so the Job never completes.',
    remedy: 'Say inject-go: "false" on the pod template of the Job.',
  },
  ProfilerKept: {
    outcome: 'noted',
    summary:
      'The container sets its own .NET profiler variables, which are kept; parts of the agent stay off.',
    remedy: 'Remove CORECLR_ENABLE_PROFILING, CORECLR_PROFILER and CORECLR_PROFILER_PATH.',
  },
} as const;

/**
 * Every decision that can be taken. A key is public: it is a metric label, an Event's reason, part of
 * the declined mark. Add freely, rename never.
 */
export const reasons = { ...podReasons, ...workloadReasons } as const satisfies Record<
  string,
  Entry
>;

export type Reason = keyof typeof reasons;

/** The reasons that can explain one outcome: `ReasonFor<'refused'>`. */
export type ReasonFor<O extends Outcome> = {
  [R in Reason]: (typeof reasons)[R]['outcome'] extends O ? R : never;
}[Reason];

/** What keeps a workload from asking for what it wants. */
export const requestChecks = {
  AnnotationMisplaced: {
    level: 'error',
    sentence: 'The annotation stands on the workload’s own metadata, where nothing reads it.',
    remedy:
      "Move it to spec.template.metadata.annotations: `kubectl patch <kind> <name> -n <namespace> --type merge -p '<patch>'`.",
  },
  AnnotationAmongLabels: {
    level: 'error',
    sentence: 'What should be an annotation stands among the labels, where nothing reads it.',
    remedy:
      "Move it to spec.template.metadata.annotations: `kubectl patch <kind> <name> -n <namespace> --type merge -p '<patch>'`.",
  },
  LanguageUnknown: {
    level: 'error',
    sentence: 'An annotation asks for a language that there is not.',
    remedy:
      'Write one of java, nodejs, python, dotnet, go, apache-httpd, nginx and sdk behind "inject-".',
  },
  AnnotationMisspelt: {
    level: 'error',
    sentence: 'An annotation looks like one of ours and is read by nobody.',
    remedy: 'Correct its key.',
  },
  ValueTakenForName: {
    level: 'error',
    sentence:
      'The value is neither "true" nor "false", so it is taken for the name of an Instrumentation.',
    remedy: 'Write "true", or the name of an Instrumentation that exists.',
  },
} as const;

/** What keeps pods that were given an agent from running with it. */
export const podChecks = {
  PodsRefused: {
    level: 'error',
    sentence: 'The API server refuses new pods of the workload, so that none come.',
    remedy:
      'Make room in the quota or meet the policy that is named: what the container of the agent asks for stands under resources or resourceRequirements of the Instrumentation, what it may do under initContainerSecurityContext. Then `kubectl rollout restart <kind>/<name> -n <namespace>` brings pods at once, for what was refused is tried again ever more seldom.',
  },
  AgentImageNotPulled: {
    level: 'error',
    sentence: 'The node cannot pull the image of the agent, so the pod does not start.',
    remedy:
      'Correct the image in the Instrumentation, or let the nodes reach it; see `kubectl describe pods -n <namespace>`.',
  },
  AgentNotCopied: {
    level: 'error',
    sentence: 'The init container that brings the agent fails, so the pod does not start.',
    remedy:
      'Read its log with `kubectl logs <pod> -n <namespace> -c <container>`: a full volume wants a larger volumeLimitSize, a policy another initContainerSecurityContext.',
  },
  CrashesWithAgent: {
    level: 'error',
    sentence: 'A container crashes again and again since it carries an agent.',
    remedy:
      'Read how it ended with `kubectl logs <pod> -n <namespace> -c <container> --previous`; to go on without the agent, set the annotation to "false".',
  },
  MemoryTooSmall: {
    level: 'error',
    sentence: 'A container that carries an agent was killed for want of memory.',
    remedy: 'Raise its memory limit: an agent needs some tens of megabytes, that of Java most.',
  },
  ProbesTooShort: {
    level: 'warning',
    sentence: 'The probes may end the container before Java has started with its agent.',
    remedy:
      'Add a startupProbe that waits a minute or longer; an agent makes the start of Java some seconds slower.',
  },
} as const;

/** What an agent that runs does, and its owner may not expect. */
export const behaviourChecks = {
  InstrumentationAppliedLate: {
    level: 'warning',
    sentence: 'The tool that deploys both applies the Instrumentation after the workloads.',
    remedy:
      'Put it first: for Argo CD the annotation argocd.argoproj.io/sync-wave: "-5" on the Instrumentation, for Flux a Kustomization of its own. What came too early is mended in any case.',
  },
  InjectedTemplate: {
    level: 'error',
    sentence: 'The pod template holds what injection writes into pods, so it is left as it is.',
    remedy:
      'Somebody has written a live pod back into its manifest: take the init container, the volume, the variables and the annotation otel-retrofit.dev/injected out of it.',
  },
  WrongLanguage: {
    level: 'warning',
    sentence: 'The container looks like one of another language than the one that is asked for.',
    remedy: 'Correct the annotation, or name the right container.',
  },
  SwitchedOff: {
    level: 'warning',
    sentence: 'A variable switches the agent off, so it sends nothing.',
    remedy: 'Take the variable out of the container or of the Instrumentation.',
  },
  PythonIsolated: {
    level: 'warning',
    sentence: 'Python is told not to look where its agent comes from, so it sends nothing.',
    remedy: 'Take the options -I, -E and -S out of the command.',
  },
  EnvironmentReplaced: {
    level: 'warning',
    sentence: 'A variable of a ConfigMap in envFrom is replaced by the agent’s own value.',
    remedy: 'Add the annotation otel-retrofit.dev/join-env: "<variable>" to the pod template.',
  },
  InstrumentationQuestionable: {
    level: 'warning',
    sentence: 'A setting of the Instrumentation does not do what it seems to do.',
    remedy: 'See `kubectl describe instrumentation <name> -n <namespace>`, and correct the field.',
  },
  PythonConsoleSilent: {
    level: 'note',
    sentence:
      'A Python application that sets up no logging no longer prints its warnings: they are sent instead.',
    remedy:
      'To have them on the console too, let the application call logging.basicConfig, or set OTEL_PYTHON_DISABLED_INSTRUMENTATIONS to "logging".',
  },
} as const;

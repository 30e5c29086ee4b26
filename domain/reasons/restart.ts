/**
 * Every decision that can be taken about a workload, beside those about its pods. `<kind>/<name>`,
 * `<namespace>` and `<number>` stand for the workload and for our latest restart of it.
 */
export const workloadReasons = {
  NothingRuns: {
    outcome: 'exempt',
    summary: 'No pod of the workload runs, and the next one passes the webhook.',
  },
  BeingDeleted: {
    outcome: 'exempt',
    summary: 'The workload or its namespace is being deleted.',
  },

  UnknownRefusal: {
    outcome: 'refused',
    summary: 'A webhook of another release declined the pod for a reason unknown to this one.',
    remedy:
      'Read the annotation otel-retrofit.dev/declined of the pod, and run the same release everywhere.',
  },

  RestartFailed: {
    outcome: 'stuck',
    summary: 'The pods of our last restart fail or do not become ready.',
    remedy:
      'Look at the pods with `kubectl describe pods -n <namespace>`; undo with `kubectl rollout undo <kind>/<name> -n <namespace>`. To go on, change the Instrumentation or the template, or annotate the workload with otel-retrofit.dev/resume: "<number>".',
  },
  RestartDidNotHelp: {
    outcome: 'stuck',
    summary: 'The pods of our last restart started without what they asked for.',
    remedy:
      'Look whether the webhook is called for this namespace. To go on, annotate the workload with otel-retrofit.dev/resume: "<number>".',
  },
  RestartReverted: {
    outcome: 'stuck',
    summary: 'Our last restart was undone: its annotation is gone from the pod template.',
    remedy:
      'Find out which person or tool removes template annotations, and run `kubectl rollout restart <kind>/<name> -n <namespace>` yourself, or annotate the workload with otel-retrofit.dev/resume: "<number>".',
  },
  RestartRejected: {
    outcome: 'stuck',
    summary: 'The API server, or a policy in it, does not let our restart through.',
    remedy:
      'Let the controller’s ServiceAccount write the annotation otel-retrofit.dev/restart of pod templates, then annotate the workload with otel-retrofit.dev/resume: "<next>".',
  },
  AttemptsSpent: {
    outcome: 'stuck',
    summary: 'The workload was restarted as often as is allowed in a day or a week.',
    remedy:
      'Find out why its pods keep falling behind. It ends by itself; to go on now, annotate the workload with otel-retrofit.dev/resume: "<number>".',
  },

  RemediationOff: {
    outcome: 'held',
    summary: 'Restarts are switched off for the workload.',
    remedy:
      'Remove otel-retrofit.dev/remediation: off, or run `kubectl rollout restart <kind>/<name> -n <namespace>`.',
  },
  ObserveOnly: {
    outcome: 'held',
    summary: 'The workload is only observed.',
    remedy:
      'Run `kubectl rollout restart <kind>/<name> -n <namespace>`, or set otel-retrofit.dev/remediation: restart.',
  },
  OutdatedOnly: {
    outcome: 'held',
    summary: 'Its pods carry an agent with earlier settings, for which nobody asked a restart.',
    remedy:
      'Run `kubectl rollout restart <kind>/<name> -n <namespace>`, or set otel-retrofit.dev/restart-outdated: "true".',
  },
  ProtectedNamespace: {
    outcome: 'held',
    summary: 'Nothing is ever restarted in this namespace.',
    remedy: 'Run `kubectl rollout restart <kind>/<name> -n <namespace>`.',
  },
  Paused: {
    outcome: 'held',
    summary: 'The Deployment is paused by its owner.',
    remedy: 'Run `kubectl rollout resume <kind>/<name> -n <namespace>`.',
  },
  OnDelete: {
    outcome: 'held',
    summary: 'New pods come only when somebody deletes the old ones.',
    remedy: 'Delete its pods one by one with `kubectl delete pod -n <namespace>`.',
  },
  Partitioned: {
    outcome: 'held',
    summary: 'A partition keeps pods of the StatefulSet from being replaced.',
    remedy:
      'Set updateStrategy.rollingUpdate.partition to zero, or delete the pods one by one with `kubectl delete pod -n <namespace>`.',
  },
  OwnedByAnother: {
    outcome: 'held',
    summary: 'Another object rolls the workload out and would undo a change of its template.',
    remedy:
      'Restart it the way its owner offers, or set otel-retrofit.dev/remediation: restart on it or its namespace.',
  },
  NotRestartable: {
    outcome: 'held',
    summary: 'The pods belong to something that cannot be restarted gently.',
    remedy: 'Replace the pods the way their owner offers.',
  },
  DowntimeExpected: {
    outcome: 'held',
    summary: 'A restart would take all its pods away at once.',
    remedy:
      'Run `kubectl rollout restart <kind>/<name> -n <namespace>` when it suits, or set otel-retrofit.dev/remediation: restart on it or its namespace.',
  },
  AlreadySick: {
    outcome: 'held',
    summary: 'Its pods fail already, and what is sick is not restarted.',
    remedy: 'Mend it first; see `kubectl describe pods -n <namespace>`.',
  },
  MarkerWouldBeErased: {
    outcome: 'held',
    summary: 'The tool that applies the workload would erase our annotation and roll it out again.',
    remedy:
      'Remove the empty `annotations:` of the pod template in Git, or Replace=true from argocd.argoproj.io/sync-options; then it is restarted. Or run `kubectl rollout restart <kind>/<name> -n <namespace>`.',
  },
  MarkerErased: {
    outcome: 'held',
    summary: 'The tool that applies the workload drops template annotations, ours among them.',
    remedy:
      'Let it keep the annotation otel-retrofit.dev/restart, then annotate the workload with otel-retrofit.dev/resume: "<number>".',
  },
  NoHistory: {
    outcome: 'held',
    summary: 'The workload keeps too few revisions to remember how often it was restarted.',
    remedy:
      'Raise revisionHistoryLimit to two or more, or run `kubectl rollout restart <kind>/<name> -n <namespace>`.',
  },

  Settling: {
    outcome: 'waiting',
    summary: 'The difference is new and may go away by itself.',
  },
  OwnerActive: {
    outcome: 'waiting',
    summary: 'Its owner has just changed it.',
  },
  RolloutInProgress: {
    outcome: 'waiting',
    summary: 'A rollout is under way, or pods are not ready yet.',
    remedy: 'Watch it with `kubectl rollout status <kind>/<name> -n <namespace>`.',
  },
  DisruptionNotAllowed: {
    outcome: 'waiting',
    summary: 'Its disruption budget can spare no pod.',
    remedy: 'See `kubectl get poddisruptionbudgets -n <namespace>`.',
  },
  WebhookUnproven: {
    outcome: 'waiting',
    summary: 'The webhook has not shown of late that new pods get what they ask for.',
    remedy: 'Look at the pods and the log of the webhook, and at its webhook configuration.',
  },
  BreakerOpen: {
    outcome: 'waiting',
    summary: 'Restarts for this Instrumentation have stopped because earlier ones went wrong.',
    remedy:
      'Read status.breaker of the Instrumentation. Change its settings, or annotate it with otel-retrofit.dev/resume: "<since>".',
  },
  RampUp: {
    outcome: 'waiting',
    summary: 'A few workloads go first, and they have not shown yet that all is well.',
  },
  RateLimited: {
    outcome: 'waiting',
    summary: 'As many restarts as are allowed in an hour have been made.',
  },
  Busy: {
    outcome: 'waiting',
    summary: 'As many restarts as are allowed at once are under way.',
  },
  WarmingUp: {
    outcome: 'waiting',
    summary: 'The controller has just taken the lead and looks before it acts.',
  },

  PodsPredateInstrumentation: {
    outcome: 'behind',
    summary: 'Pods are older than the Instrumentation that they ask for.',
  },
  PodsPredateRequest: {
    outcome: 'behind',
    summary: 'Pods are older than the annotation that asks for their instrumentation.',
  },
  WebhookMissed: {
    outcome: 'behind',
    summary: 'Pods asked for instrumentation when they were created and got none.',
  },
  InstrumentationChanged: {
    outcome: 'behind',
    summary: 'Pods carry an agent with settings that have since changed.',
  },
} as const;

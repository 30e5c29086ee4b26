/** Lets the workload be tried again, whatever has become of our restarts of it. */
const forgive =
  '`kubectl annotate <kind>/<name> -n <namespace> otel-retrofit.dev/resume=<number> --overwrite`';

/** The time is asked for, since it is not known where this is printed. */
const close =
  '`kubectl annotate instrumentation <instrumentation> -n <library> otel-retrofit.dev/resume=$(kubectl get instrumentation <instrumentation> -n <library> -o jsonpath={.status.breaker.since}) --overwrite`';

/** A restart that went wrong may have stopped those of all others: one command alone leads nowhere then. */
const again = `${forgive} and, if the status of the Instrumentation has a breaker, ${close}`;

const restart = '`kubectl rollout restart <kind>/<name> -n <namespace>`';

const insist =
  '`kubectl annotate <kind>/<name> -n <namespace> otel-retrofit.dev/remediation=restart --overwrite`';

/**
 * Every decision that can be taken about a workload, beside those about its pods. What stands in
 * angle brackets is filled in where it is told of one workload: `<number>` is that of our latest
 * restart of it, `<library>` the namespace of its Instrumentation, `<labels>` are those of its pods.
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

  InstrumentationUnreadable: {
    outcome: 'refused',
    summary: 'Whoever asks may not read the Instrumentation that is named.',
    remedy:
      'Ask for the right to: `kubectl auth can-i get instrumentations.opentelemetry.io/<instrumentation> -n <library>` tells when you have it.',
  },
  UnknownRefusal: {
    outcome: 'refused',
    summary: 'A webhook of another release declined the pod for a reason unknown to this one.',
    remedy:
      'Run the same release everywhere. The pods say more: `kubectl describe pods -n <namespace> -l <labels>`.',
  },

  RestartFailed: {
    outcome: 'stuck',
    summary: 'The pods of our last restart fail or do not become ready.',
    remedy: `See why with \`kubectl describe pods -n <namespace> -l <labels>\`. To run it without the agent: \`kubectl patch <kind>/<name> -n <namespace> -p '{"spec":{"template":{"metadata":{"annotations":{"instrumentation.opentelemetry.io/inject-<language>":"false"}}}}}'\`. To undo the rollout is not enough, for new pods get the agent again. Then change the Instrumentation and run ${restart}. Or have it tried again as it is by ${again}.`,
  },
  RestartDidNotHelp: {
    outcome: 'stuck',
    summary: 'The pods of our last restart started without what they asked for.',
    remedy: `Find out why the webhook is not called for them: compare \`kubectl get mutatingwebhookconfiguration otel-retrofit -o yaml\` with \`kubectl get namespace <namespace> --show-labels\`. Once it is, go on by ${again}.`,
  },
  RestartReverted: {
    outcome: 'stuck',
    summary: 'Our last restart was undone: its annotation is gone from the pod template.',
    remedy: `Find out which person or tool removes template annotations: \`kubectl get <kind>/<name> -n <namespace> -o yaml --show-managed-fields\`. Then go on by ${again}.`,
  },
  RestartRejected: {
    outcome: 'stuck',
    summary: 'The API server, or a policy in it, does not let our restart through.',
    remedy:
      'Let the controller’s ServiceAccount write the annotation otel-retrofit.dev/restart of pod templates. Then go on by `kubectl annotate <kind>/<name> -n <namespace> otel-retrofit.dev/resume=<next> --overwrite`.',
  },
  AttemptsSpent: {
    outcome: 'stuck',
    summary: 'The workload was restarted as often as is allowed in a day or a week.',
    remedy: `Find out why its pods keep falling behind. It ends by itself; to go on now, run ${forgive}.`,
  },

  RemediationOff: {
    outcome: 'held',
    summary: 'Restarts are switched off for the workload.',
    remedy: `Take otel-retrofit.dev/remediation: off away from where it stands: the workload, its pod template, its namespace, the Instrumentation, or our own namespace. Or run ${restart}.`,
  },
  ObserveOnly: {
    outcome: 'held',
    summary: 'The workload is only observed.',
    remedy: `Run ${restart}, or let it be restarted by ${insist}.`,
  },
  OutdatedOnly: {
    outcome: 'held',
    summary: 'Its pods carry an agent with earlier settings, for which nobody asked a restart.',
    remedy: `Run ${restart}, or let it be restarted by \`kubectl annotate <kind>/<name> -n <namespace> otel-retrofit.dev/restart-outdated=true --overwrite\`.`,
  },
  ProtectedNamespace: {
    outcome: 'held',
    summary: 'Nothing is ever restarted in this namespace.',
    remedy: `Run ${restart}.`,
  },
  Paused: {
    outcome: 'held',
    summary: 'The Deployment is paused by its owner.',
    remedy: 'Run `kubectl rollout resume <kind>/<name> -n <namespace>`.',
  },
  OnDelete: {
    outcome: 'held',
    summary: 'New pods come only when somebody deletes the old ones.',
    remedy:
      'See its pods with `kubectl get pods -n <namespace> -l <labels>`, and delete them one by one, each when the one before is back: `kubectl delete pod -n <namespace>` and the name.',
  },
  Partitioned: {
    outcome: 'held',
    summary: 'A partition keeps pods of the StatefulSet from being replaced.',
    remedy: `Run \`kubectl patch <kind>/<name> -n <namespace> -p '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}'\`, or delete its pods one by one: \`kubectl delete pod -n <namespace>\` and the name.`,
  },
  OwnedByAnother: {
    outcome: 'held',
    summary: 'Another object rolls the workload out and would undo a change of its template.',
    remedy: `Restart it the way its owner offers, or let us do it by ${insist}.`,
  },
  NotRestartable: {
    outcome: 'held',
    summary: 'The pods belong to something that cannot be restarted gently.',
    remedy: 'Replace the pods the way their owner offers.',
  },
  DowntimeExpected: {
    outcome: 'held',
    summary: 'A restart would take all its pods away at once.',
    remedy: `Run ${restart} when it suits, or let us do it by ${insist}.`,
  },
  AlreadySick: {
    outcome: 'held',
    summary: 'Its pods fail already, and what is sick is not restarted.',
    remedy:
      'Mend it first: `kubectl describe pods -n <namespace> -l <labels>` says what ails them. Then it is restarted.',
  },
  MarkerWouldBeErased: {
    outcome: 'held',
    summary: 'The tool that applies the workload would erase our annotation and roll it out again.',
    remedy:
      'Remove the empty `annotations:` of the pod template in Git, or Replace=true from argocd.argoproj.io/sync-options, there and on the workload by `kubectl annotate <kind>/<name> -n <namespace> argocd.argoproj.io/sync-options-`. Then sync once, and it is restarted.',
  },
  MarkerErased: {
    outcome: 'held',
    summary: 'The tool that applies the workload drops template annotations, ours among them.',
    remedy: `Let it keep the annotation otel-retrofit.dev/restart. Then go on by ${forgive}.`,
  },
  NoHistory: {
    outcome: 'held',
    summary: 'The workload keeps too few revisions to remember how often it was restarted.',
    remedy: `Run \`kubectl patch <kind>/<name> -n <namespace> -p '{"spec":{"revisionHistoryLimit":10}}'\`, or ${restart}.`,
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
    remedy: `It is restarted once the budget can spare a pod; one that never can has to be widened by its owner. See \`kubectl get poddisruptionbudgets -n <namespace>\`. No budget holds ${restart} back.`,
  },
  WebhookUnproven: {
    outcome: 'waiting',
    summary: 'The webhook has not shown of late that new pods get what they ask for.',
    remedy:
      'See `kubectl get pods -A -l app.kubernetes.io/component=webhook` and `kubectl get mutatingwebhookconfiguration otel-retrofit -o yaml`. Restarts go on by themselves once it works.',
  },
  BreakerOpen: {
    outcome: 'waiting',
    summary: 'Restarts for this Instrumentation have stopped because earlier ones went wrong.',
    remedy: `See what went wrong: \`kubectl get instrumentation <instrumentation> -n <library> -o jsonpath={.status.breaker}\`. Change the settings of the Instrumentation, or go on with them by ${close}.`,
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

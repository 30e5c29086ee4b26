import { labels, oneOf, wholeNumber, yesOrNo } from './parsers.ts';
import { optional, since, type Row, type Value } from './row.ts';

const group = 'Restarts';

/** Settings of the loop. Whoever may be restarted is said by annotations; here stands how fast, at most. */
export const restartRows = {
  remediation: {
    group,
    parser: oneOf('restart', 'observe', 'off'),
    default: 'restart',
    help: 'What is done about workloads whose pods lack their agent, where neither they, their namespace nor the Instrumentation say so by `otel-retrofit.dev/remediation`: `restart` them, `observe` and report them, or `off`.',
    since,
  },
  restartOutdated: {
    group,
    parser: yesOrNo,
    default: false,
    help: 'Whether pods that only carry earlier settings are restarted too, where nobody says so by `otel-retrofit.dev/restart-outdated`.',
    since,
  },
  protectedNamespaces: {
    group,
    parser: optional(labels),
    default: undefined,
    unset: 'no others',
    help: 'Namespaces in which nothing is ever restarted, beside kube-system, kube-public, kube-node-lease and the one of this installation.',
    since,
  },
  restartsAtOnce: {
    group,
    parser: wholeNumber(1, 50),
    default: 5,
    help: 'Restarts under way at one time, in the whole cluster.',
    since,
  },
  restartsAtOncePerNamespace: {
    group,
    parser: wholeNumber(1, 20),
    default: 1,
    help: 'Restarts under way at one time in one namespace.',
    since,
  },
  statefulRestartsAtOnce: {
    group,
    parser: wholeNumber(1, 10),
    default: 1,
    help: 'Restarts of StatefulSets and DaemonSets under way at one time, in the whole cluster.',
    since,
  },
  restartsPerHour: {
    group,
    parser: wholeNumber(1, 600),
    default: 60,
    help: 'Restarts in any hour, in the whole cluster.',
    since,
  },
  attemptsPerDay: {
    group,
    parser: wholeNumber(1, 4),
    default: 2,
    help: 'Restarts of one workload in any 24 hours.',
    since,
  },
  attemptsPerWeek: {
    group,
    parser: wholeNumber(1, 4),
    default: 4,
    help: 'Restarts of one workload in any 7 days.',
    since,
  },
  settleMissingSeconds: {
    group,
    parser: wholeNumber(0, 86_400),
    default: 30,
    help: 'How long pods must lack their agent before their workload is restarted.',
    since,
  },
  settleOutdatedSeconds: {
    group,
    parser: wholeNumber(0, 604_800),
    default: 600,
    help: 'How long an Instrumentation must stay as it is before workloads are restarted to follow its change, where that is asked for by `otel-retrofit.dev/restart-outdated`.',
    since,
  },
  ownerQuietSeconds: {
    group,
    parser: wholeNumber(0, 86_400),
    default: 120,
    help: 'How long a workload is left alone after its owner has changed it.',
    since,
  },
  warmUpSeconds: {
    group,
    parser: wholeNumber(0, 3_600),
    default: 15,
    help: 'How long a new leader looks before it restarts anything.',
    since,
  },
  soakSeconds: {
    group,
    parser: wholeNumber(0, 3_600),
    default: 60,
    help: 'How long the new pods must run without a restart of a container before a restart has succeeded.',
    since,
  },
  proveSeconds: {
    group,
    parser: wholeNumber(0, 86_400),
    default: 900,
    help: 'How long a success must hold before more workloads are restarted at once because of it.',
    since,
  },
  proofIntervalSeconds: {
    group,
    parser: wholeNumber(1, 60),
    default: 30,
    help: 'How often a dry run proves that the webhook injects. Without a proof within the last 120 seconds nothing is restarted.',
    since,
  },
  workloadMetrics: {
    group,
    parser: yesOrNo,
    default: false,
    help: 'Whether `retrofit_workload_info` tells the verdict on each workload by name. Its series are as many as the workloads that ask for an agent.',
    since,
  },
} as const satisfies Record<string, Row<Value>>;

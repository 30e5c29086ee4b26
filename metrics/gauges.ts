import type { Described, Labels } from './rows.ts';

/** What is so at the moment of a scrape. What is not known yet has no series. */
export interface State {
  readonly certificates: () => readonly {
    readonly certificate: 'serving' | 'authority';
    /** Milliseconds since 1970. */
    readonly expiresAt: number;
  }[];
  readonly caches: () => readonly {
    readonly resource: string;
    readonly isSynced: boolean;
    /** Milliseconds since 1970. */
    readonly lastEventAt: number | undefined;
  }[];
  /** Nothing where no loop runs, as in the webhook. */
  readonly loop: () => LoopState | undefined;
}

export interface LoopState {
  readonly isLeader: boolean;
  /** Milliseconds since 1970. */
  readonly lastRoundAt: number | undefined;
  /** Only of the leader, or everything would be there twice. */
  readonly cluster: ClusterState | undefined;
}

/** The cluster as the last round saw it. */
export interface ClusterState {
  readonly pods: readonly {
    readonly namespace: string;
    readonly state: string;
    readonly count: number;
  }[];
  readonly workloads: readonly {
    readonly kind: string;
    readonly verdict: string;
    readonly reason: string;
    readonly count: number;
  }[];
  /** Each workload by itself: empty unless a setting asks for it. */
  readonly details: readonly {
    readonly namespace: string;
    readonly kind: string;
    readonly workload: string;
    readonly verdict: string;
    readonly reason: string;
  }[];
  readonly restartsInProgress: number;
  readonly queueLength: number;
  /** Seconds since 1970: since when the one that waits longest is behind. */
  readonly queueOldestAt: number | undefined;
  readonly limitPerHour: number;
  readonly breakers: readonly { readonly namespace: string; readonly instrumentation: string }[];
  readonly isProbeProven: boolean;
  /** Milliseconds since 1970. */
  readonly lastProofAt: number | undefined;
  /** Whether the definition that is installed has room for what we say of an Instrumentation. */
  readonly isStatusKept: boolean;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Gauge extends Described {
  readonly read: (state: State) => readonly Sample[];
}

const one = (value: number): readonly Sample[] => [{ labels: {}, value }];

/** A gauge of the loop; where there is no loop, or nothing is known, it has no series. */
const ofLoop =
  (read: (loop: LoopState) => readonly Sample[]) =>
  ({ loop }: State): readonly Sample[] => {
    const state = loop();
    return state === undefined ? [] : read(state);
  };

const ofCluster = (read: (cluster: ClusterState) => readonly Sample[]) =>
  ofLoop(({ cluster }) => (cluster === undefined ? [] : read(cluster)));

export const gauges: readonly Gauge[] = [
  {
    name: 'retrofit_certificate_expiry_timestamp_seconds',
    help: 'When a certificate of the webhook expires.',
    labels: ['certificate'],
    read: ({ certificates }) =>
      certificates().map(({ certificate, expiresAt }) => ({
        labels: { certificate },
        value: expiresAt / 1000,
      })),
  },
  {
    name: 'retrofit_cache_synced',
    help: 'Whether all objects of a resource have been read (1) or not yet (0).',
    labels: ['resource'],
    read: ({ caches }) =>
      caches().map(({ resource, isSynced }) => ({ labels: { resource }, value: isSynced ? 1 : 0 })),
  },
  {
    name: 'retrofit_watch_last_event_timestamp_seconds',
    help: 'When a watch last told of anything, its bookmarks included.',
    labels: ['resource'],
    read: ({ caches }) =>
      caches().flatMap(({ resource, lastEventAt }) =>
        lastEventAt === undefined ? [] : [{ labels: { resource }, value: lastEventAt / 1000 }],
      ),
  },
  {
    name: 'retrofit_leader',
    help: 'Whether this process is the one that restarts (1) or stands by (0).',
    labels: [],
    read: ofLoop(({ isLeader }) => one(isLeader ? 1 : 0)),
  },
  {
    name: 'retrofit_last_round_timestamp_seconds',
    help: 'When the last round of the loop ended.',
    labels: [],
    read: ofLoop(({ lastRoundAt }) => (lastRoundAt === undefined ? [] : one(lastRoundAt / 1000))),
  },
  {
    name: 'retrofit_pods',
    help: 'Live pods that ask for an agent, or carry one, by what they carry: current, aged (with an earlier default image), outdated (by other settings), adopted (by the OpenTelemetry Operator), missing, refused or unwanted. Only of the leader.',
    labels: ['namespace', 'state'],
    read: ofCluster(({ pods }) =>
      pods.map(({ namespace, state, count }) => ({ labels: { namespace, state }, value: count })),
    ),
  },
  {
    name: 'retrofit_workloads',
    help: 'Workloads by the verdict on them and its reason. Those that ask for nothing are left out. Only of the leader.',
    labels: ['kind', 'verdict', 'reason'],
    read: ofCluster(({ workloads }) =>
      workloads.map(({ kind, verdict, reason, count }) => ({
        labels: { kind, verdict, reason },
        value: count,
      })),
    ),
  },
  {
    name: 'retrofit_workload_info',
    help: 'The verdict on each workload. The value is always 1. Only with the setting workload-metrics, and only of the leader.',
    labels: ['namespace', 'kind', 'workload', 'verdict', 'reason'],
    read: ofCluster(({ details }) =>
      details.map(({ namespace, kind, workload, verdict, reason }) => ({
        labels: { namespace, kind, workload, verdict, reason },
        value: 1,
      })),
    ),
  },
  {
    name: 'retrofit_restarts_in_progress',
    help: 'Restarts of ours that have begun and are not over. Only of the leader.',
    labels: [],
    read: ofCluster(({ restartsInProgress }) => one(restartsInProgress)),
  },
  {
    name: 'retrofit_restart_queue_length',
    help: 'Workloads that are behind and will be restarted when their turn comes. Only of the leader.',
    labels: [],
    read: ofCluster(({ queueLength }) => one(queueLength)),
  },
  {
    name: 'retrofit_restart_queue_oldest_timestamp_seconds',
    help: 'Since when the workload that waits longest for its restart is behind. Only of the leader.',
    labels: [],
    read: ofCluster(({ queueOldestAt }) => (queueOldestAt === undefined ? [] : one(queueOldestAt))),
  },
  {
    name: 'retrofit_restart_limit_per_hour',
    help: 'How many restarts an hour the settings allow. Only of the leader.',
    labels: [],
    read: ofCluster(({ limitPerHour }) => one(limitPerHour)),
  },
  {
    name: 'retrofit_breakers_open',
    help: 'Instrumentations whose restarts are stopped because some went wrong. Only of the leader.',
    labels: [],
    read: ofCluster(({ breakers }) => one(breakers.length)),
  },
  {
    name: 'retrofit_breaker_open',
    help: 'An Instrumentation whose restarts are stopped. The value is always 1. Only of the leader.',
    labels: ['namespace', 'instrumentation'],
    read: ofCluster(({ breakers }) =>
      breakers.map(({ namespace, instrumentation }) => ({
        labels: { namespace, instrumentation },
        value: 1,
      })),
    ),
  },
  {
    name: 'retrofit_probe_success',
    help: 'Whether dry runs prove that the webhook injects and decides as the controller does (1) or not (0). Only of the leader.',
    labels: [],
    read: ofCluster(({ isProbeProven }) => one(isProbeProven ? 1 : 0)),
  },
  {
    name: 'retrofit_probe_last_success_timestamp_seconds',
    help: 'When a dry run last proved it. Only of the leader.',
    labels: [],
    read: ofCluster(({ lastProofAt }) =>
      lastProofAt === undefined ? [] : one(lastProofAt / 1000),
    ),
  },
  {
    name: 'retrofit_status_kept',
    help: 'Whether the installed definition of Instrumentations keeps the status that is written (1) or prunes it (0), as the definition of the OpenTelemetry Operator does. Only of the leader.',
    labels: [],
    read: ofCluster(({ isStatusKept }) => one(isStatusKept ? 1 : 0)),
  },
];

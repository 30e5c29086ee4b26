import test from 'ava';
import { gauges, type ClusterState, type State } from '../../../metrics/gauges.ts';

const quiet: ClusterState = {
  pods: [],
  workloads: [],
  details: [],
  restartsInProgress: 0,
  queueLength: 0,
  queueOldestAt: undefined,
  limitPerHour: 60,
  breakers: [],
  isProbeProven: true,
  lastProofAt: undefined,
  isStatusKept: true,
};

function valueOf(name: string, differences: Partial<ClusterState>): number | undefined {
  const loop = {
    isLeader: true,
    lastRoundAt: undefined,
    cluster: { ...quiet, ...differences },
  };
  const state: State = { certificates: () => [], caches: () => [], loop: () => loop };
  const [sample] = gauges.find((gauge) => gauge.name === name)?.read(state) ?? [];
  return sample?.value;
}

test('a webhook that is not proven is told as 0, for an alert waits for it', (t) => {
  t.is(valueOf('retrofit_probe_success', {}), 1);
  t.is(valueOf('retrofit_probe_success', { isProbeProven: false }), 0);
});

test('a definition that prunes the status is told as 0', (t) => {
  t.is(valueOf('retrofit_status_kept', {}), 1);
  t.is(valueOf('retrofit_status_kept', { isStatusKept: false }), 0);
});

test('what there is none of is told as 0, and what nobody knows is not told', (t) => {
  t.is(valueOf('retrofit_breakers_open', {}), 0);
  t.is(valueOf('retrofit_restart_queue_length', {}), 0);
  t.is(valueOf('retrofit_restart_queue_oldest_timestamp_seconds', {}), undefined);
  t.is(valueOf('retrofit_probe_last_success_timestamp_seconds', {}), undefined);
});

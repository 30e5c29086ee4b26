import test from 'ava';
import { podStates } from '../domain/restart/coverage.ts';
import { reasons } from '../domain/reasons.ts';
import { apiDuration, apiRequests, buildInfo } from '../metrics/calls.ts';
import { counters, reviewDuration } from '../metrics/catalog.ts';
import { gauges } from '../metrics/gauges.ts';
import { readings } from '../metrics/machine.ts';
import { restartDuration, roundDuration } from '../metrics/restarts.ts';
import { groupingsIn, queries, usesIn } from './support/prometheus/queries.ts';
import { readRules, recordsIn } from './support/prometheus/rules.ts';

/** By the name that a query asks for: its labels, and the values of a label where these are ours. */
interface Known {
  readonly labels: readonly string[];
  readonly values: (label: string) => ReadonlySet<string> | undefined;
}

const free = () => undefined;

const stateValues = (label: string) => {
  if (label === 'state') return new Set<string>(podStates);
  if (label === 'verdict') return new Set(['current', ...outcomes]);
  return undefined;
};

const outcomes: readonly string[] = Object.values(reasons).map(({ outcome }) => outcome);

const histograms = [reviewDuration, apiDuration, restartDuration, roundDuration];

const known = new Map<string, Known>([
  ...counters.map(({ name, labels, fromStart }): [string, Known] => [
    name,
    { labels, values: (label) => new Set(fromStart.map((series) => series[label] ?? '')) },
  ]),
  ...gauges.map(({ name, labels }): [string, Known] => [name, { labels, values: stateValues }]),
  ...[apiRequests, buildInfo, ...readings].map(({ name, labels }): [string, Known] => [
    name,
    { labels, values: free },
  ]),
  ...histograms.map(({ name, labels }): [string, Known] => [
    `${name}_bucket`,
    { labels: [...labels, 'le'], values: free },
  ]),
]);

const records = new Set(recordsIn(readRules()).map(({ record }) => record));

/** Told by others: the API server, kube-state-metrics, Prometheus itself. */
const foreign = new Set([
  'up',
  'apiserver_admission_webhook_fail_open_count',
  'apiserver_admission_webhook_request_total',
  'apiserver_request_total',
  'kube_deployment_status_replicas_available',
]);

/** Given to every series by whoever scrapes. */
const ofTargets = new Set(['cluster', 'job', 'instance', 'pod']);

const uses = queries().flatMap(({ place, text }) => usesIn(text).map((use) => ({ place, ...use })));

test('rules, dashboard and runbooks ask for metrics that there are', (t) => {
  const unknown = uses.filter(
    ({ metric }) => !known.has(metric) && !records.has(metric) && !foreign.has(metric),
  );
  t.deepEqual(unknown, []);
});

test('every metric of ours is shown on the dashboard or watched by an alert', (t) => {
  const used = new Set(
    uses.filter(({ place }) => !place.startsWith('runbook')).map(({ metric }) => metric),
  );
  t.deepEqual(
    [...known.keys()].filter((metric) => !used.has(metric)),
    [],
  );
});

test('queries choose by labels that a metric has, and by values that it can have', (t) => {
  const wrong = uses.flatMap(({ place, metric, matchers }) =>
    matchers
      .filter(({ label, values }) => {
        const row = known.get(metric);
        if (row === undefined || ofTargets.has(label)) return false;
        const allowed = row.values(label);
        const isFree = allowed === undefined || values.includes('.*');
        return !row.labels.includes(label) || !(isFree || values.every((one) => allowed.has(one)));
      })
      .map((found) => ({ place, metric, ...found })),
  );
  t.deepEqual(wrong, []);
});

test('queries group by labels of what they ask for', (t) => {
  const wrong = queries().filter(({ text }) => {
    const asked = usesIn(text).filter(({ metric }) => known.has(metric));
    if (asked.length === 0) return false;
    const labels = new Set(asked.flatMap(({ metric }) => known.get(metric)?.labels ?? []));
    return !groupingsIn(text).every((label) => labels.has(label) || ofTargets.has(label));
  });
  t.deepEqual(wrong, []);
});

test('this test would see a wrong name, a wrong label and a wrong value', (t) => {
  const [use] = usesIn('sum by (language) (rate(retrofit_pods{state=~"missing|gone"}[5m])) > 0');
  t.deepEqual(use, {
    metric: 'retrofit_pods',
    matchers: [{ label: 'state', values: ['missing', 'gone'] }],
  });
  t.deepEqual(groupingsIn('max by (a, b) (x) * on (c) group_left y'), ['a', 'b', 'c']);
  t.deepEqual(
    usesIn('label_replace(count(kube_x), "deployment", "y", "", "") unless on (z) up offset 10m'),
    [
      { metric: 'kube_x', matchers: [] },
      { metric: 'up', matchers: [] },
    ],
  );
});

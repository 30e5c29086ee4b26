import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Fact } from '../domain/facts.ts';
import { apiDuration, apiRequests, buildInfo } from './calls.ts';
import { counters, reviewDuration } from './catalog.ts';
import { expose, type Exposition, type Wanted } from './exposition.ts';
import { gauges, type Gauge as GaugeRow, type State } from './gauges.ts';
import { readings, type Reading } from './machine.ts';
import { restartDuration, roundDuration } from './restarts.ts';
import type { Described, FactType, Histogram as HistogramRow, Labels } from './rows.ts';

export interface Metrics {
  readonly observe: (fact: Fact) => void;
  readonly observeCall: (verb: string, resource: string, code: string, seconds: number) => void;
  readonly expose: (wanted: Wanted) => Promise<Exposition>;
}

export interface Build {
  readonly version: string;
  readonly node: string;
}

/** Facts in, exposition text out. Every instance has a registry of its own. */
export function createMetrics(build: Build, state: State): Metrics {
  const registry = new Registry();
  const counts = countersBy(registry);
  const time = timerIn(registry);
  const requests = new Counter(described(registry, apiRequests));
  const durations = histogram(registry, apiDuration);
  new Gauge(described(registry, buildInfo)).set({ ...build }, 1);
  for (const row of gauges) readAtScrape(registry, row, state);
  for (const row of readings) readMachine(registry, row);

  return {
    observe: (fact) => {
      for (const count of counts.get(fact.type) ?? []) count(fact);
      time(fact);
    },
    observeCall: (verb, resource, code, seconds) => {
      requests.inc({ verb, resource, code });
      durations.observe({ verb, resource, code }, seconds);
    },
    expose: async (wanted) => expose(await registry.metrics(), wanted),
  };
}

type Count = (fact: Fact) => void;

function countersBy(registry: Registry): ReadonlyMap<FactType, readonly Count[]> {
  const counts = new Map<FactType, Count[]>();
  for (const row of counters) {
    const counter = new Counter(described(registry, row));
    for (const labels of row.fromStart) counter.inc(labels, 0);
    const times = (row.times ?? {}) as Partial<Record<FactType, (fact: Fact) => number>>;
    for (const [type, read] of Object.entries(row.counts) as Reader[]) {
      const often = times[type];
      const count = (fact: Fact) => {
        for (const labels of read(fact)) counter.inc(labels, often?.(fact) ?? 1);
      };
      counts.set(type, [...(counts.get(type) ?? []), count]);
    }
  }
  return counts;
}

function timerIn(registry: Registry): (fact: Fact) => void {
  const reviews = histogram(registry, reviewDuration);
  const restarts = histogram(registry, restartDuration);
  const rounds = histogram(registry, roundDuration);
  return (fact) => {
    if (fact.type === 'ReviewAnswered') reviews.observe({ door: fact.door }, fact.elapsedMs / 1000);
    else if (fact.type === 'RestartSucceeded')
      restarts.observe({ kind: fact.workload.kind }, fact.tookSeconds);
    else if (fact.type === 'RoundDone') rounds.observe(fact.elapsedMs / 1000);
  };
}

/** The compiler has seen in the catalogue that each reader fits the fact that it stands under. */
type Reader = [FactType, (fact: Fact) => readonly Labels[]];

const described = (registry: Registry, { name, help, labels }: Described) => ({
  name,
  help,
  labelNames: [...labels],
  registers: [registry],
});

const histogram = (registry: Registry, row: HistogramRow) =>
  new Histogram({ ...described(registry, row), buckets: [...row.buckets] });

function readAtScrape(registry: Registry, row: GaugeRow, state: State): void {
  const gauge = new Gauge({
    ...described(registry, row),
    collect: () => {
      gauge.reset();
      // The reset of a gauge without labels leaves a 0, which an alert takes for a value.
      if (row.labels.length === 0) gauge.remove();
      for (const { labels, value } of row.read(state)) gauge.set(labels, value);
    },
  });
}

function readMachine(registry: Registry, row: Reading): void {
  if (row.type === 'gauge') {
    const gauge = new Gauge({
      ...described(registry, row),
      collect: () => {
        gauge.set(row.read());
      },
    });
    return;
  }
  const counter = new Counter({
    ...described(registry, row),
    collect: () => {
      counter.reset();
      counter.inc(row.read());
    },
  });
}

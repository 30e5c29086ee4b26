import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Fact } from '../domain/facts.ts';
import { apiDuration, apiRequests, buildInfo } from './calls.ts';
import {
  counters,
  reviewDuration,
  type Described,
  type FactType,
  type Histogram as HistogramRow,
  type Labels,
} from './catalog.ts';
import { expose, type Exposition, type Wanted } from './exposition.ts';
import { gauges, type Gauge as GaugeRow, type State } from './gauges.ts';
import { readings, type Reading } from './machine.ts';

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
  const reviews = histogram(registry, reviewDuration);
  const requests = new Counter(described(registry, apiRequests));
  const durations = histogram(registry, apiDuration);
  new Gauge(described(registry, buildInfo)).set({ ...build }, 1);
  for (const row of gauges) readAtScrape(registry, row, state);
  for (const row of readings) readMachine(registry, row);

  return {
    observe: (fact) => {
      for (const count of counts.get(fact.type) ?? []) count(fact);
      if (fact.type === 'ReviewAnswered') {
        reviews.observe({ door: fact.door }, fact.elapsedMs / 1000);
      }
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
    for (const [type, read] of Object.entries(row.counts) as Reader[]) {
      const count = (fact: Fact) => {
        for (const labels of read(fact)) counter.inc(labels);
      };
      counts.set(type, [...(counts.get(type) ?? []), count]);
    }
  }
  return counts;
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

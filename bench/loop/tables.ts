import type { Figures } from './at-rest.ts';
import type { Mended, Sent } from './mending.ts';

const aims = { delayMs: 100, judgedMs: 250, blockMs: 20, lookMs: 1_000, ratio: 1.3 } as const;

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** From what happens until the restart is with the server. */
export function delayTable({ words, bare, given }: Figures): Table {
  return {
    'a word of its owner': delayRow(words),
    'an Instrumentation, first of its workloads': delayRow(given.map((each) => Math.min(...each))),
    'an Instrumentation, last of its workloads': delayRow(given.map((each) => Math.max(...each))),
    // Objects tell whole seconds: a proof is newer than a pod from the next second on.
    'a new pod without its agent, and a newer proof': delayRow(bare, aims.delayMs + 1_000),
  };
}

export function judgementTable({ judged, first, during }: Figures): Table {
  return {
    'all judged, ms': {
      figure: beside(
        middleOf(judged, ({ elapsedMs }) => elapsedMs),
        aims.judgedMs,
      ),
    },
    'the same, ms of CPU': {
      figure: beside(
        middleOf(judged, ({ cpuMs }) => cpuMs),
        aims.judgedMs,
      ),
    },
    'longest block in it, ms of CPU': {
      figure: beside(
        middleOf(judged, ({ blocks }) => blocks.longestCpuMs),
        aims.blockMs,
      ),
    },
    'longest block at the start, ms of CPU': {
      figure: beside(first.blocks.longestCpuMs, aims.blockMs),
    },
    'longest block while restarting, ms of CPU': {
      figure: beside(during.blocks.longestCpuMs, aims.blockMs),
    },
    'event loop late while restarting, p99 ms': { figure: during.blocks.p99Ms.toFixed(1) },
    'event loop late while restarting, most ms': { figure: during.blocks.longestWallMs.toFixed(1) },
  };
}

export function costTable({ readyMs, nowMb, mostMb, first, looks }: Figures): Table {
  return {
    'start to first round and proof, s': { figure: (readyMs / 1_000).toFixed(1) },
    'the same, s of CPU': { figure: (first.cpuMs / 1_000).toFixed(1) },
    'RSS, MB': { figure: nowMb.toFixed(0) },
    'peak RSS, MB': { figure: mostMb.toFixed(0) },
    'retrofit status, ms': { figure: beside(rank(looks.status, 0.5), aims.lookMs) },
    'retrofit plan, ms': { figure: beside(rank(looks.plan, 0.5), aims.lookMs) },
  };
}

export function mendingTable({ scripts, controller }: Mended): Table {
  const script = scripts.reduce((sum, { ms }) => sum + ms, 0) / scripts.length;
  return {
    'a script, before': sentRow(scripts[0]),
    'the controller': {
      ...sentRow(controller),
      'of the scripts': `${(controller.ms / script).toFixed(2)} (aim ${aims.ratio})`,
    },
    'a script, after': sentRow(scripts[1]),
  };
}

function rank(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const beside = (value: number, aim: number) => `${value.toFixed(1)} (aim ${aim})`;

const sentRow = ({ ms, cpuMs }: Sent) => ({
  seconds: (ms / 1_000).toFixed(2),
  'CPU, s': (cpuMs / 1_000).toFixed(2),
});

const middleOf = <T>(all: readonly T[], read: (one: T) => number) => rank(all.map(read), 0.5);

const delayRow = (samples: readonly number[], aim: number = aims.delayMs) => ({
  samples: String(samples.length),
  'p50 ms': beside(rank(samples, 0.5), aim),
  'p99 ms': beside(rank(samples, 0.99), aim),
  'most ms': rank(samples, 1).toFixed(0),
});

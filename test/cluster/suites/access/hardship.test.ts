import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { cacheSurvives, type Hardship } from '../../../controller/kube/real/access.cluster.ts';
import { chosenSeed } from '../../../support/dice.ts';
import type { Cluster } from '../../cluster.ts';
import { startCluster } from '../../start.ts';
import { until } from '../../until.ts';
import { isOurs } from '../../plane/ours.ts';

/** At each restart controllers would read everything anew and roles be gone over, and nobody here needs them. */
const bare = { controllers: false, roles: false };

interface Trial extends Hardship {
  readonly version: string;
  readonly options: Parameters<typeof startCluster>[0];
}

const trials: readonly Trial[] = [
  {
    version: 'today',
    options: isOurs ? bare : {},
    changes: 10_000,
    restarts: 20,
    seed: chosenSeed(),
  },
  {
    version: 'as 1.33',
    options: { ...bare, emulated: '1.33' },
    changes: 1_500,
    restarts: 2,
    seed: chosenSeed() + 1,
  },
];

const begun: Cluster[] = [];

test.after.always('the control planes end', async () => {
  await Promise.all(begun.map((cluster) => cluster.stop()));
});

test('a cache survives all faults and restarts with nothing missed and nothing of the past', async (t) => {
  const before = sockets();
  await Promise.all(trials.slice(0, isOurs ? undefined : 1).map((trial) => endure(t, trial)));
  await until(() => sockets() <= before, { what: 'all sockets are closed' });
});

async function endure(t: ExecutionContext, { version, options, ...hardship }: Trial) {
  const cluster = await startCluster(options);
  begun.push(cluster);
  const { server, caPem, kubeconfig } = cluster;
  const samples: Sample[] = [];
  const ours = isOurs ? { restartApiServer: restarting(cluster, samples) } : {};
  const endured = await cacheSurvives(
    { server, caPem, kubeconfig, ...ours },
    { ...hardship, restarts: isOurs ? hardship.restarts : 0 },
  );
  t.log({ version, ...hardship, ...endured });
  t.true(endured.perSecond < 4, `${endured.perSecond} requests per second`);
  leavesNothing(t, samples);
}

interface Sample {
  readonly heap: number;
  readonly sockets: number;
}

/** In good order and by a crash in turn; each time it is seen what has been left open so far. */
function restarting(cluster: Cluster, samples: Sample[]): () => Promise<void> {
  return async () => {
    samples.push({ heap: heapKept(), sockets: sockets() });
    if (samples.length % 2 === 0) await cluster.killApiServer();
    await cluster.restartApiServer();
  };
}

/** What the first quarter has warmed up does not grow in the other three. */
function leavesNothing(t: ExecutionContext, samples: readonly Sample[]): void {
  const warm = samples[Math.floor(samples.length / 4)];
  const last = samples.at(-1);
  if (!warm || !last) return;
  const grown = (last.heap - warm.heap) / 1_000_000;
  t.log(`${grown.toFixed(1)} MB more than after a quarter, ${last.sockets} sockets`);
  t.true(grown < 6, `${grown} MB`);
  t.true(last.sockets < 60, `${last.sockets} sockets`);
}

const sockets = () =>
  process.getActiveResourcesInfo().filter((name) => /^(?:TCPSocket|TLS)Wrap$/.test(name)).length;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapKept(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

import type { ExecutionContext } from 'ava';
import { eventually, type Ground } from '../support/ground.ts';
import {
  conditionOf,
  instrument,
  readInstrumentation,
  untilServed,
} from '../support/instrumentations.ts';
import { change, deploy, untilMended, type Kind, type Spot } from '../support/workloads.ts';

const kinds: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** A cluster whose time passes as fast as it is looked at. */
export interface Quiet {
  readonly namespace: string;
  readonly leap: (seconds: number) => void;
  /** How many times the loop has looked. */
  readonly rounds: () => Promise<number>;
  /** What we wrote since the beginning, each with its path. */
  readonly writes: () => readonly string[];
  /** Another controller takes the place of the one that leads, and knows nothing. */
  readonly succeed: () => Promise<void>;
}

const stepSeconds = 30;
const steps = 20;

/** Where everybody has what they asked for, nothing is written, for ten minutes and by whoever leads. */
export async function aCoveredClusterIsLeftInPeace(
  t: ExecutionContext,
  ground: Ground,
  quiet: Quiet,
): Promise<void> {
  const { namespace } = quiet;
  await ground.createNamespace(namespace);
  await instrument(ground, namespace);
  await untilServed(ground, namespace);
  const spots = kinds.map((kind): Spot => ({ kind, namespace, name: kind.toLowerCase() }));
  for (const spot of spots) await deploy(ground, spot);
  for (const spot of spots) await untilMended(ground, spot);
  await eventually('the status says all there is to say', async () => {
    const one = await readInstrumentation(ground, namespace);
    const isSo = (type: string, reason: string) => conditionOf(one, type)?.reason === reason;
    const isTold = isSo('Covered', 'AllCurrent') && isSo('Remediating', 'NothingToDo');
    const isReady = conditionOf(one, 'Ready')?.status === 'True';
    const { pods, workloads } = one.status ?? {};
    return isTold && isReady && pods?.['current'] === 6 && workloads?.['current'] === 3;
  });
  // Counts are written up to half a minute late, and that is no noise.
  const isAtRest = async () => {
    const before = quiet.writes().length;
    await pass(ground, spots, quiet, 2);
    return quiet.writes().length === before;
  };
  await eventually('all there is to write is written', isAtRest);
  const from = quiet.writes().length;
  await pass(ground, spots, quiet, steps);
  t.deepEqual(quiet.writes().slice(from), []);
  await quiet.succeed();
  await pass(ground, spots, quiet, 2);
  t.deepEqual(quiet.writes().slice(from), []);
}

/** Somebody touches them now and then, so that they are looked at anew with the time that it is. */
async function pass(
  ground: Ground,
  spots: readonly Spot[],
  { leap, rounds }: Quiet,
  count: number,
): Promise<void> {
  for (let step = 0; step < count; step += 1) {
    const before = await rounds();
    leap(stepSeconds);
    const labels = { 'shop.example/touched': `${before}` };
    for (const spot of spots) await change(ground, spot, { metadata: { labels } });
    await eventually('the loop has looked', async () => (await rounds()) > before);
  }
}

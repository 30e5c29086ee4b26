import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { chosenSeed, diceOf, type Dice } from '../../support/dice.ts';
import { merged, nameOf, noon, objectsOf, type WorkloadScene } from '../doctor/cluster.ts';
import { fromFiles, fromServer } from './comparing.ts';

const nodejs = 'instrumentation.opentelemetry.io/inject-nodejs';

/** Minutes ago: around the hour for which restarts count, and around a day. */
const ages = [5, 40, 59, 61, 80, 200, 1_500] as const;

const timeAt = (minutesAgo: number) => new Date(noon - minutesAgo * 60_000).toISOString();

interface Past {
  readonly number: number;
  readonly minutesAgo: number;
  readonly isOurs: boolean;
  /** Of the template that there is now, but for our mark. */
  readonly isAlike: boolean;
}

/** A workload, and what has become of it before. */
interface Life {
  readonly scene: WorkloadScene;
  readonly number: number;
  readonly isRestarted: boolean;
  readonly minutesAgo: number;
  readonly past: readonly Past[];
  /** How far its controller has come with what its owner said last. */
  readonly standing: 'brought' | 'unobserved' | 'paused' | 'unnamed';
  /** Whether its controller says when it last made a ReplicaSet. */
  readonly saysWhen: boolean;
}

function randomLife(dice: Dice, index: number): Life {
  const past = Array.from({ length: dice.roll(4) }, (_none, turn) => ({
    number: turn + 1,
    minutesAgo: dice.pick(ages),
    isOurs: dice.chance(0.4),
    isAlike: dice.chance(0.7),
  }));
  return {
    scene: {
      name: `life-${index}`,
      namespace: `place-${index}`,
      annotations: dice.chance(0.9) ? { [nodejs]: 'shop/agents' } : {},
      replicas: dice.pick([0, 1, 2]),
      pods: dice.pick(['injected', 'injected', 'bare', 'none']),
      podsCreatedAt: timeAt(dice.pick(ages)),
    },
    number: past.length + 1,
    isRestarted: dice.chance(0.2),
    minutesAgo: dice.pick(ages),
    past,
    standing: dice.pick(['brought', 'brought', 'brought', 'unobserved', 'paused', 'unnamed']),
    saysWhen: dice.chance(0.7),
  };
}

const numbered = (number: number) => ({
  metadata: { annotations: { 'deployment.kubernetes.io/revision': `${number}` } },
});

const marked = (mark: string): JsonObject => ({
  spec: { template: { metadata: { annotations: { 'otel-retrofit.dev/restart': mark } } } },
});

const another: JsonObject = { spec: { template: { metadata: { labels: { version: 'old' } } } } };

const born = (minutesAgo: number) => ({ metadata: { creationTimestamp: timeAt(minutesAgo) } });

/** No earlier than the last of its ReplicaSets was made. */
const progressed = ({ minutesAgo, past }: Life): JsonObject => {
  const lastUpdateTime = timeAt(Math.min(minutesAgo, ...past.map((one) => one.minutesAgo)));
  const said = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' };
  return { status: { conditions: [{ ...said, lastUpdateTime }] } };
};

/** Where its controller has not come to it, the newest revision is of what was before. */
const standings: Readonly<Record<Life['standing'], JsonObject>> = {
  brought: {},
  unobserved: { metadata: { generation: 2 } },
  paused: { spec: { paused: true }, status: { updatedReplicas: 0 } },
  unnamed: { metadata: { annotations: null } },
};

function objectsOfLives(lives: readonly Life[]): readonly JsonObject[] {
  const plain = objectsOf({ workloads: lives.map(({ scene }) => scene) });
  const stamp = plain.find((json) => textAt(annotationsOf(json), 'otel-retrofit.dev/injected'));
  const [, asked = '0'.repeat(16)] =
    textAt(annotationsOf(stamp ?? {}), 'otel-retrofit.dev/injected')?.split('.') ?? [];
  const markOf = ({ number, minutesAgo }: Pick<Past, 'number' | 'minutesAgo'>) =>
    `${asked}.${number}.${(noon / 1_000 - minutesAgo * 60).toString(36)}`;
  const byPlace = new Map(lives.map((life) => [life.scene.namespace, life]));
  return plain
    .flatMap((json) => {
      const life = byPlace.get(textAt(objectAt(json, 'metadata') ?? {}, 'namespace'));
      if (life === undefined) return [json];
      const mark = life.isRestarted ? marked(markOf(life)) : {};
      if (json['kind'] === 'Deployment')
        return [
          [
            numbered(life.number),
            mark,
            life.saysWhen ? progressed(life) : {},
            standings[life.standing],
          ].reduce(merged, json),
        ];
      if (json['kind'] !== 'ReplicaSet') return [json];
      const isMet = life.standing === 'brought' || life.standing === 'unnamed';
      const newest = [numbered(life.number), born(life.minutesAgo), isMet ? mark : another];
      return [
        newest.reduce(merged, json),
        ...life.past.map((past) =>
          [
            numbered(past.number),
            born(past.minutesAgo),
            past.isOurs ? marked(markOf(past)) : {},
            past.isAlike ? {} : another,
            {
              metadata: { name: `life-${past.number}`, uid: `${nameOf(json)}-${past.number}` },
            },
          ].reduce(merged, json),
        ),
      ];
    })
    .map((json) => merged({ metadata: { uid: nameOf(json), resourceVersion: '1' } }, json));
}

const annotationsOf = (json: JsonObject) =>
  objectAt(objectAt(json, 'metadata') ?? {}, 'annotations') ?? {};

test('whatever has become of workloads, metadata lead to the answers that whole objects lead to', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'retrofit-histories-'));
  const config = join(folder, 'config.yaml');
  const verdicts = new Set<string>();
  try {
    for (let seed = chosenSeed(); seed < chosenSeed() + 40; seed += 1) {
      const dice = diceOf(seed);
      await writeFile(config, `restarts-per-hour: ${1 + dice.roll(6)}\n`);
      const lives = Array.from({ length: 24 }, (_none, index) => randomLife(dice, index));
      const objects = objectsOfLives(lives);
      const words = [dice.pick(['status', 'plan']), '--config', config, '-o', 'json'];
      const whole = await fromFiles(objects, words);
      const { shown, asked } = await fromServer(objects, words, {});
      t.deepEqual(shown, whole, `RETROFIT_SEED=${seed}`);
      t.false(asked.includes('/api/v1/pods'), 'so many namespaces are in doubt that all is read');
      if (whole.kind !== 'shown') throw new Error(JSON.stringify(whole.problems));
      for (const { verdict, reason } of whole.answers) verdicts.add(`${verdict} ${reason}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  t.log([...verdicts].toSorted().join(', '));
});

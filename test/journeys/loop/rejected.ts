import type { ExecutionContext } from 'ava';
import { marks } from '../../../crds/names.ts';
import { objectAt, type JsonObject } from '../../../domain/json.ts';
import { obey } from '../support/commands.ts';
import { eventually, type Ground } from '../support/ground.ts';
import { eventsOn, instrument, readInstrumentation } from '../support/instrumentations.ts';
import { letMeddle, type Word } from '../support/meddler.ts';
import {
  change,
  deploy,
  markerOf,
  pathOf,
  read,
  untilMended,
  untilRunning,
  type Spot,
} from '../support/workloads.ts';

const pathOfMarker = `/spec/template/metadata/annotations/${marks.restart.replace('/', '~1')}`;

/** What policies do about an annotation that they do not know. */
export const policies: Readonly<Record<string, Word>> = {
  'drops our annotation': { kind: 'patch', patch: [{ op: 'remove', path: pathOfMarker }] },
  'denies the write': { kind: 'denial', message: 'only known annotations' },
};

function carriesMarker(workload: JsonObject): boolean {
  const path = ['spec', 'template', 'metadata', 'annotations'];
  const annotations = path.reduce<JsonObject>((one, key) => objectAt(one, key) ?? {}, workload);
  return marks.restart in annotations;
}

export interface Policed {
  readonly namespace: string;
  readonly word: Word;
  /** What a scrape of the controller that leads says. */
  readonly metrics: () => Promise<string>;
}

/** How often it has begun to lead: each time it knows no more than what is in the cluster. */
const beginnings = async (metrics: Policed['metrics']): Promise<number> =>
  Number(/^retrofit_leader_changes_total\{change="gained"\} (\d+)$/m.exec(await metrics())?.[1]);

/**
 * A write that a policy undoes or refuses is told of, and not repeated until a person says so. Nothing
 * in the cluster can tell of it, so whoever leads next tries once as well.
 */
export async function aRefusedRestartIsNotRepeated(
  t: ExecutionContext,
  ground: Ground,
  { namespace, word, metrics }: Policed,
): Promise<void> {
  const spot = { kind: 'Deployment', namespace, name: 'cart' } as const;
  await ground.createNamespace(namespace);
  await deploy(ground, spot);
  await untilRunning(ground, spot);
  let tries = 0;
  const policy = await letMeddle(ground, {
    name: `policy-of-${namespace}`,
    namespace,
    group: 'apps',
    resource: 'deployments',
    operation: 'UPDATE',
    say: (workload) => {
      if (!carriesMarker(workload)) return { kind: 'patch', patch: [] };
      tries += 1;
      return word;
    },
  });
  t.teardown(policy.leave);
  await eventually('the policy is in force', async () => {
    const patch = {
      spec: { template: { metadata: { annotations: { [marks.restart]: 'tried' } } } },
    };
    const type = { type: 'application/merge-patch+json' };
    await ground.adminClient.call('PATCH', `${pathOf(spot)}?dryRun=All`, patch, type);
    return tries > 0;
  });
  tries = 0;
  const { spec } = await read(ground, spot);
  await instrument(ground, namespace);
  const tellings = async () =>
    (await eventsOn(ground, spot)).filter(({ reason }) => reason === 'RestartRejected');
  const told = await eventually(
    'its owner is told of the write and of what it leads to',
    async () => {
      const all = await tellings();
      return all.length === 2 && all.find(({ note }) => note.includes('kubectl annotate'));
    },
  );
  t.deepEqual((await read(ground, spot)).spec, spec);
  // Where the object changes meanwhile, an API server asks again about one and the same write.
  const asked = tries;
  const begun = await beginnings(metrics);

  await lookAgain(ground, spot);
  const led = (await beginnings(metrics)) - begun;
  t.true(led > 0 || tries === asked, `${tries} tries, and not ${asked}`);
  for (const { series } of await tellings()) t.true((series?.count ?? 1) <= 1 + led);
  t.is(markerOf(await read(ground, spot)), undefined);

  await policy.leave();
  await eventually('the policy is gone, and a person says so', async () => {
    await obey(ground, told.note, 'annotate');
    return true;
  });
  await untilMended(ground, spot);
  t.is(markerOf(await read(ground, spot))?.split('.')[1], '1');
}

/** Its owner changes what is no template: it is looked at once more, and judged alike. */
async function lookAgain(ground: Ground, spot: Spot): Promise<void> {
  await change(ground, spot, { spec: { replicas: 3 } });
  await eventually('it has been looked at', async () => {
    const { status } = await readInstrumentation(ground, spot.namespace);
    return status?.pods?.['current'] === 1 && status.workloads?.['stuck'] === 1;
  });
  await change(ground, spot, { spec: { replicas: 2 } });
  await eventually('it has been looked at', async () => {
    const { status } = await readInstrumentation(ground, spot.namespace);
    return status?.pods?.['wanted'] === 2 && status.workloads?.['stuck'] === 1;
  });
}

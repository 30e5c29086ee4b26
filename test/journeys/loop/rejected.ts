import type { ExecutionContext } from 'ava';
import { marks } from '../../../crds/names.ts';
import { objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { obey } from '../support/commands.ts';
import { eventually, type Ground } from '../support/ground.ts';
import { eventsOn, instrument, readInstrumentation } from '../support/instrumentations.ts';
import { letMeddle, type Word } from '../support/meddler.ts';
import { reasonsToTry } from '../support/tries.ts';
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

/**
 * A write that a policy undoes or refuses is told of, and not repeated until a person says so. An API
 * server may ask the policy more than once about one write, which names the version that it was made for.
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
  /** The versions of the workload that somebody wanted to restart, in spite of the policy. */
  const tried = new Set<string>();
  const policy = await letMeddle(ground, {
    name: `policy-of-${namespace}`,
    namespace,
    group: 'apps',
    resource: 'deployments',
    operation: 'UPDATE',
    say: (workload) => {
      if (!carriesMarker(workload)) return { kind: 'patch', patch: [] };
      tried.add(textAt(objectAt(workload, 'metadata') ?? {}, 'resourceVersion') ?? '');
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
    return tried.size > 0;
  });
  tried.clear();
  const reasonsBefore = await reasonsToTry(metrics);
  t.true(reasonsBefore > 0, 'somebody leads');
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

  await lookAgain(ground, spot);
  const due = 1 + (await reasonsToTry(metrics)) - reasonsBefore;
  t.true(tried.size > 0 && tried.size <= due, [...tried].join());
  for (const { series } of await tellings()) t.true((series?.count ?? 1) <= due);
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

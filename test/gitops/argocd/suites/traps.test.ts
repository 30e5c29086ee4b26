import type { ExecutionContext } from 'ava';
import { marks } from '../../../../crds/names.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { test } from '../../../cluster/plane/ours.ts';
import { eventually } from '../../../journeys/support/ground.ts';
import { eventsOn, readInstrumentation } from '../../../journeys/support/instrumentations.ts';
import type { Fate, Made } from '../../../journeys/support/runner.ts';
import { read, revisionsOf, type Spot } from '../../../journeys/support/workloads.ts';
import { markIn, told, writesOf } from '../../live/audit.ts';
import { userOf } from '../../live/product.ts';
import {
  askingNamespace,
  instrumentationIn,
  look,
  manifestOf,
  type Written,
} from '../../live/workloads.ts';
import {
  adopt,
  argoWrites,
  follow,
  outOfSync,
  refresh,
  resync,
  untilApplied,
  untilSaid,
  untilSynced,
  type Policy,
} from '../applications.ts';
import { allRun, openStage, runProduct, wordsIn, type Stage } from '../stage.ts';

/* What the guide warns of: how a template, or an application, can erase our restart. */

let stage: Stage;
let cluster: Cluster;

const claimed = 'claimed';

/** There a rollout of ours takes longer than Argo CD takes to heal. */
const slowInClaimed = ({ metadata: { namespace, annotations = {} } }: Made): Fate =>
  namespace === claimed && /^[0-9a-f]{16}\./.test(annotations[marks.restart] ?? '')
    ? 'never'
    : 'works';

test.before(async () => {
  stage = await openStage({ fateOf: slowInClaimed });
  ({ cluster } = stage);
  await runProduct(stage);
});

test.after.always(() => stage?.close());

const spotIn = (namespace: string): Spot => ({ kind: 'Deployment', namespace, name: 'cart' });
const image = 'shop.example/app:1';

type Wording = Pick<Written, 'template' | 'metadata'>;

/** One folder of Git, its namespace and its application. */
const filesIn = (folder: string, wording: Wording) => ({
  [`${folder}/workloads.yaml`]: [
    askingNamespace(folder),
    manifestOf({ name: 'cart', namespace: folder, image, ...wording }),
  ].join('---\n'),
});

/** The Deployment is there, written like this, and its Instrumentation comes after it. */
async function comesLate(folder: string, wording: Wording, policy: Policy = {}): Promise<void> {
  const bare = await stage.commit(filesIn(folder, wording));
  await follow(cluster, stage.repository, folder, policy);
  await untilApplied(cluster, folder, bare);
  await allRun(cluster, spotIn(folder), { image, stamped: false });
  const revision = await stage.commit({ [`${folder}/agents.yaml`]: instrumentationIn(folder) });
  await untilApplied(cluster, folder, revision);
}

const adviceIn = (folder: string, reason: string): Promise<string> =>
  eventually(`a person is told of ${reason}`, async () => {
    const { status } = await readInstrumentation(cluster, folder);
    return status?.attention?.find((one) => one.reason === reason)?.message;
  });

const restartsIn = async (folder: string) => {
  const which = { by: userOf('controller'), namespace: folder, resources: ['deployments'] };
  return (await writesOf(cluster, which)).map(told);
};

/** Nothing keeps us from it any more: it is restarted once, and stays so. */
async function isMended(t: ExecutionContext, folder: string): Promise<void> {
  await allRun(cluster, spotIn(folder), { image, stamped: true });
  const since = await markIn(cluster);
  const { marker } = await look(cluster, spotIn(folder));
  t.regex(marker ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/);
  for (const kind of ['normal', 'hard'] as const)
    t.deepEqual(outOfSync(await refresh(cluster, folder, kind)), []);
  t.deepEqual((await argoWrites(cluster, since, folder)).map(told), []);
  t.is((await look(cluster, spotIn(folder))).marker, marker);
  t.is((await revisionsOf(cluster, spotIn(folder))).length, 2);
  t.is((await restartsIn(folder)).length, 1);
}

/** It is seen beforehand, said to whoever looks, and nothing is touched. */
async function isHeldBack(t: ExecutionContext, folder: string): Promise<void> {
  const advice = await adviceIn(folder, 'MarkerWouldBeErased');
  t.regex(advice, /Remove the empty `annotations:` of the pod template in Git/);
  t.regex(advice, /Replace=true/);
  await eventually('its owner is told', async () =>
    (await eventsOn(cluster, spotIn(folder))).some(
      ({ reason }) => reason === 'MarkerWouldBeErased',
    ),
  );
  t.is((await look(cluster, spotIn(folder))).marker, undefined);
  t.is((await revisionsOf(cluster, spotIn(folder))).length, 1);
  t.deepEqual(await restartsIn(folder), []);
}

for (const [folder, line] of [
  ['empty', 'annotations: {}'],
  ['nothing', 'annotations:'],
] as const)
  test(`\`${line}\` in Git holds a restart back, until the line is gone and Argo CD has applied that`, async (t) => {
    await comesLate(folder, { template: [line] });
    await isHeldBack(t, folder);

    const since = await markIn(cluster);
    await untilSynced(cluster, folder, await stage.commit(filesIn(folder, {})));
    // Argo CD finds that nothing has changed, and applies nothing: the line is still what was applied last.
    t.deepEqual((await argoWrites(cluster, since, folder)).map(told), []);
    await isHeldBack(t, folder);
    await resync(cluster, folder);
    await isMended(t, folder);
  });

test('where the line stays, it holds a restart back until Argo CD applies on the side of the server', async (t) => {
  const folder = 'moved';
  await comesLate(folder, { template: ['annotations:'] });
  await isHeldBack(t, folder);
  await adopt(cluster, folder, { syncOptions: ['ServerSideApply=true'] });
  await resync(cluster, folder);
  await isMended(t, folder);
});

test('there a restart by kubectl fares as ours would: it is erased at once, or a difference to Git for ever', async (t) => {
  const restarted = async (folder: string, line: string) => {
    await comesLate(folder, { template: [line] });
    await isHeldBack(t, folder);
    const words = ['rollout', 'restart', 'deployment/cart', '--namespace', folder];
    t.is((await cluster.kubectl(words)).code, 0);
  };
  await restarted('by-hand-empty', 'annotations: {}');
  await untilSaid(cluster, 'by-hand-empty', {
    what: 'seen the restart',
    condition: (one) => outOfSync(one).includes('Deployment cart'),
  });
  t.truthy((await look(cluster, spotIn('by-hand-empty'))).restartedAt);

  await restarted('by-hand-nothing', 'annotations:');
  await eventually('Argo CD has erased it', async () => {
    const { restartedAt, generation } = await look(cluster, spotIn('by-hand-nothing'));
    return restartedAt === undefined && generation === 3;
  });
  t.deepEqual(await restartsIn('by-hand-nothing'), []);
});

test('`Replace=true` of a workload holds a restart back, until it is gone from Git and from the workload', async (t) => {
  const folder = 'replaced';
  const key = 'argocd.argoproj.io/sync-options';
  await comesLate(folder, { metadata: ['annotations:', `  ${key}: Replace=true`] });
  await isHeldBack(t, folder);

  await untilSynced(cluster, folder, await stage.commit(filesIn(folder, {})));
  // What was replaced does not say what was applied, so nobody knows that the line was there.
  await resync(cluster, folder);
  const { metadata } = await read(cluster, spotIn(folder));
  t.is(metadata.annotations?.[key], 'Replace=true');
  await isHeldBack(t, folder);
  const words = ['annotate', 'deployment/cart', '--namespace', folder, `${key}-`];
  t.is((await cluster.kubectl(words)).code, 0);
  await isMended(t, folder);
});

test('our annotation in Git overwrites a restart, which is told and not repeated, until it is taken out', async (t) => {
  await comesLate(claimed, { template: ['annotations:', `  ${marks.restart}: theirs`] });
  t.regex(await adviceIn(claimed, 'RestartReverted'), /which person or tool removes/);
  t.is((await look(cluster, spotIn(claimed))).marker, 'theirs');
  await untilSynced(cluster, claimed, await stage.commit(filesIn(claimed, {})));
  // The template has changed, so its pods are replaced by their owner, and pass our webhook.
  await allRun(cluster, spotIn(claimed), { image, stamped: true });
  t.is((await look(cluster, spotIn(claimed))).marker, undefined);
  t.is((await restartsIn(claimed)).length, 1);
});

test('an application that replaces what it applies erases a restart with its next sync, and no agent with it', async (t) => {
  const folder = 'replacing';
  const spot = spotIn(folder);
  await comesLate(folder, {}, { syncOptions: ['Replace=true'] });
  await allRun(cluster, spot, { image, stamped: true });
  t.deepEqual(outOfSync(await refresh(cluster, folder, 'hard')), []);
  t.truthy((await look(cluster, spot)).marker);

  const revision = await stage.commit({ [`${folder}/words.yaml`]: wordsIn(folder) });
  await untilApplied(cluster, folder, revision);
  t.is((await look(cluster, spot)).marker, undefined);
  await allRun(cluster, spot, { image, stamped: true });
  t.is((await revisionsOf(cluster, spot)).length, 2);
  t.is((await restartsIn(folder)).length, 1);
});

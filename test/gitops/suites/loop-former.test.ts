import anyTest, { type TestFn } from 'ava';
import { installingBesideTheOperatorRestartsNothing } from '../../journeys/loop/operator.ts';
import {
  aRejectedRestartIsNotRepeated,
  oneIsTouchedAndTheRestIsNot,
  resumingMendsThemAll,
  undoingClosesNothing,
} from '../../journeys/loop/in-vain.ts';
import { anOldWorkloadGetsItsAgent, oldWorkloads } from '../../journeys/loop/old-workload.ts';
import { theOwnersDeployWins } from '../../journeys/loop/owner-first.ts';
import { aRefusedRestartIsNotRepeated, policies } from '../../journeys/loop/rejected.ts';
import { aChangeOfSettingsIsTold } from '../../journeys/loop/settings-change.ts';
import {
  aDisruptionThatIsNotAllowedIsWaitedFor,
  itIsLeftAlone,
  itIsToldOnceAndCounted,
  namespaceOf,
  protectedNamespace,
  untouched,
  whatIsBeingDeletedIsLeft,
} from '../../journeys/loop/untouched.ts';
import { call } from '../../journeys/support/ground.ts';
import { runPods, type Runner } from '../../journeys/support/runner.ts';
import { crashingIn, guard, hideFromWebhook } from '../../journeys/support/world.ts';
import type { AuditLine, Cluster } from '../../cluster/cluster.ts';
import { openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { startCluster } from '../../cluster/start.ts';
import { hurried } from '../../cluster/webhook/hurried.ts';
import * as installed from '../../cluster/webhook/installation.ts';
import type { Product } from '../../cluster/webhook/program.ts';
import { granted, used } from '../../cluster/webhook/rights.ts';
import { launch, userOf } from '../live/product.ts';
import { isOurs } from '../../cluster/ours.ts';

/*
 * The journeys of the loop with the oldest Kubernetes that is supported, and with exactly the
 * accounts and rights that are installed; with today's they are followed in the cluster's suites.
 */

const test = (isOurs ? anyTest : anyTest.skip) as TestFn;

const useless = ['useless-1', 'useless-2', 'useless-3'];
const crashing = ['crash-1', 'crash-2', 'crash-3'];
const account = 'otel-retrofit-controller';

let cluster: Cluster;
let keeper: Keeper;
let runner: Runner;
let controller: Product;

test.before(async () => {
  cluster = await startCluster({ emulated: '1.33' });
  keeper = openKeeper(cluster.directory);
  await installed.install(cluster);
  for (const name of ['node', 'other'])
    await call(cluster, 'POST', '/api/v1/nodes', { metadata: { name } });
  runner = runPods(cluster, crashingIn('crash-'));
  const settings = {
    ...hurried,
    'workload-metrics': 'true',
    'protected-namespaces': protectedNamespace,
  };
  const webhook = await launch(cluster, keeper, 'webhook', settings);
  await installed.redirect(cluster, webhook.webhookPort);
  await hideFromWebhook(cluster, useless);
  await guard(cluster, 'rejected', userOf('controller'));
  controller = await launch(cluster, keeper, 'controller', settings);
});

test.after.always(async () => {
  await runner?.stop();
  await keeper?.end();
  await cluster?.stop();
});

const metrics = () => controller.metrics();

for (const [title, old] of oldWorkloads) {
  test(`as 1.33, an old workload gets its agent: ${title}`, async (t) => {
    await anOldWorkloadGetsItsAgent(t, cluster, old);
  });
}

for (const [title, one] of Object.entries(untouched)) {
  test(`as 1.33, nothing is done, and a person is told why: ${title}`, async (t) => {
    await itIsLeftAlone(t, cluster, { namespace: namespaceOf(title), metrics }, one);
  });
}

test('as 1.33, a budget that can spare no pod is waited for', async (t) => {
  await aDisruptionThatIsNotAllowedIsWaitedFor(t, cluster, { namespace: 'spared', metrics });
});

test('as 1.33, what is being deleted is left alone', async (t) => {
  await whatIsBeingDeletedIsLeft(t, cluster, { namespace: 'leaving', metrics });
});

test('as 1.33, installing beside the operator restarts nothing', async (t) => {
  await installingBesideTheOperatorRestartsNothing(t, cluster, 'operated');
});

for (const [index, [title, word]] of Object.entries(policies).entries()) {
  test(`as 1.33, a restart is not repeated where a policy ${title}`, async (t) => {
    await aRefusedRestartIsNotRepeated(t, cluster, `policed-${index}`, word);
  });
}

test('as 1.33, what happens again is one Event that counts', async (t) => {
  await itIsToldOnceAndCounted(t, cluster, 'counted');
});

test('as 1.33, a change of settings is told and restarts nothing, until somebody asks for that', async (t) => {
  await aChangeOfSettingsIsTold(t, cluster, 'changed');
});

test('as 1.33, where the webhook is not called one workload is touched, and the rest once a person says so', async (t) => {
  const harm = { namespaces: useless, library: 'useless', reason: 'RestartDidNotHelp' } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
  await resumingMendsThemAll(t, cluster, harm, spots);
});

test('as 1.33, an agent that crashes takes one workload down, and no other, also after its owner undoes it', async (t) => {
  const harm = { namespaces: crashing, library: 'crash-library', reason: 'RestartFailed' } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
  await undoingClosesNothing(t, cluster, harm, spots);
});

test('as 1.33, a restart that a policy refuses is not tried again', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'rejected', name: 'cart' } as const;
  await aRejectedRestartIsNotRepeated(t, cluster, spot);
});

test('as 1.33, what an owner deploys during our restart is what runs in the end', async (t) => {
  await theOwnersDeployWins(t, cluster, 'owned');
});

/** What the controller itself has done. */
const linesOf = async (): Promise<readonly AuditLine[]> =>
  (await cluster.auditLines()).filter(
    ({ user, userAgent = '' }) =>
      user.username === userOf('controller') && userAgent.startsWith('otel-retrofit/'),
  );

test.after('as 1.33, the restart that was refused was tried once', async (t) => {
  if (!isOurs) return;
  const tries = (await linesOf()).filter(
    ({ verb, objectRef }) =>
      verb === 'patch' &&
      objectRef?.namespace === 'rejected' &&
      objectRef.resource === 'deployments',
  );
  t.deepEqual(
    tries.map(({ responseStatus }) => responseStatus?.code),
    [403],
  );
});

test.after('as 1.33, the controller may do what it does, and does all that it may', async (t) => {
  if (!isOurs) return;
  const rights = granted(await installed.manifests(cluster), account);
  const lines = await linesOf();
  const refused = lines.filter(
    ({ responseStatus, objectRef }) =>
      responseStatus?.code === 403 && !/^(?:rejected|policed-\d)$/.test(objectRef?.namespace ?? ''),
  );
  t.deepEqual(refused, []);
  const done = used(lines, rights);
  t.deepEqual(
    [...done].filter((one) => !rights.has(one)),
    [],
  );
  t.deepEqual(
    [...rights].filter((one) => !done.has(one)),
    [],
  );
});

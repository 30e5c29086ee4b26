import { setTimeout as pause } from 'node:timers/promises';
import anyTest, { type TestFn } from 'ava';
import { annotations as keys, marks } from '../../../../crds/names.ts';
import {
  aRejectedRestartIsNotRepeated,
  oneIsTouchedAndTheRestIsNot,
  resumingMendsThemAll,
  undoingClosesNothing,
} from '../../../journeys/loop/in-vain.ts';
import { aRefusedRestartIsNotRepeated, policies } from '../../../journeys/loop/rejected.ts';
import { installingBesideTheOperatorRestartsNothing } from '../../../journeys/loop/operator.ts';
import { anOldWorkloadGetsItsAgent, oldWorkloads } from '../../../journeys/loop/old-workload.ts';
import { theOwnersDeployWins } from '../../../journeys/loop/owner-first.ts';
import { aChangeOfSettingsIsTold } from '../../../journeys/loop/settings-change.ts';
import {
  aDisruptionThatIsNotAllowedIsWaitedFor,
  itIsLeftAlone,
  itIsToldOnceAndCounted,
  namespaceOf,
  protectedNamespace,
  untouched,
  whatIsBeingDeletedIsLeft,
} from '../../../journeys/loop/untouched.ts';
import { eventually } from '../../../journeys/support/ground.ts';
import { deploy, pathOf, type Kind } from '../../../journeys/support/workloads.ts';
import { crashingIn, guard, hideFromWebhook } from '../../../journeys/support/world.ts';
import type { AuditLine, Cluster } from '../../cluster.ts';
import * as installed from '../../webhook/installation.ts';
import { openPremises, type Premises } from '../../webhook/premises.ts';
import type { Product } from '../../webhook/program.ts';
import { granted, used } from '../../webhook/rights.ts';
import { isOurs } from '../../ours.ts';

const test = (isOurs ? anyTest : anyTest.skip) as TestFn;

const account = 'otel-retrofit-controller';
const user = `system:serviceaccount:${installed.namespace}:${account}`;
const useless = ['useless-1', 'useless-2', 'useless-3'];
const crashing = ['crash-1', 'crash-2', 'crash-3'];

let premises: Premises;
let cluster: Cluster;
let controller: Product;

test.before(async () => {
  premises = await openPremises({
    fateOf: crashingIn('crash-'),
    settings: { 'workload-metrics': 'true', 'protected-namespaces': protectedNamespace },
  });
  ({ cluster } = premises);
  await premises.serve();
  await hideFromWebhook(cluster, useless);
  await guard(cluster, 'rejected', user);
  controller = await premises.launch('controller');
});

test.after.always(() => premises?.close());

for (const [title, old] of oldWorkloads) {
  test(`an old workload gets its agent: ${title}`, async (t) => {
    await anOldWorkloadGetsItsAgent(t, cluster, old);
  });
}

const metrics = () => controller.metrics();

for (const [title, one] of Object.entries(untouched)) {
  test(`nothing is done, and a person is told why: ${title}`, async (t) => {
    await itIsLeftAlone(t, cluster, { namespace: namespaceOf(title), metrics }, one);
  });
}

test('a budget that can spare no pod is waited for', async (t) => {
  await aDisruptionThatIsNotAllowedIsWaitedFor(t, cluster, { namespace: 'spared', metrics });
});

test('what is being deleted is left alone', async (t) => {
  await whatIsBeingDeletedIsLeft(t, cluster, { namespace: 'leaving', metrics });
});

test('installing beside the operator restarts nothing', async (t) => {
  await installingBesideTheOperatorRestartsNothing(t, cluster, 'operated');
});

for (const [index, [title, word]] of Object.entries(policies).entries()) {
  test(`a restart is not repeated where a policy ${title}`, async (t) => {
    await aRefusedRestartIsNotRepeated(t, cluster, `policed-${index}`, word);
  });
}

test('what happens again is one Event that counts', async (t) => {
  await itIsToldOnceAndCounted(t, cluster, 'counted');
});

test('a change of settings is told and restarts nothing, until somebody asks for that', async (t) => {
  await aChangeOfSettingsIsTold(t, cluster, 'changed');
});

test('where the webhook is not called one workload is touched, and all are mended once a person says so', async (t) => {
  const harm = { namespaces: useless, library: 'useless', reason: 'RestartDidNotHelp' } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
  await resumingMendsThemAll(t, cluster, harm, spots);
});

test('an agent that crashes takes one workload down, and no other, also after its owner undoes it', async (t) => {
  const harm = { namespaces: crashing, library: 'crash-library', reason: 'RestartFailed' } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
  await undoingClosesNothing(t, cluster, harm, spots);
});

test('a restart that a policy refuses is not tried again', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'rejected', name: 'cart' } as const;
  await aRejectedRestartIsNotRepeated(t, cluster, spot);
});

test('what an owner deploys during our restart is what runs in the end', async (t) => {
  await theOwnersDeployWins(t, cluster, 'owned');
});

/** What the controller itself has done, and not who borrowed its name. */
const linesOf = async (): Promise<readonly AuditLine[]> =>
  (await cluster.auditLines()).filter(
    ({ user: { username }, userAgent = '' }) =>
      username === user && userAgent.startsWith('otel-retrofit/'),
  );

const template = (change: object) => ({ spec: { template: change } });
const app = { name: 'app', image: 'shop.example/other:1' };

const marking = (value: string | null) =>
  template({ metadata: { annotations: { [marks.restart]: value } } });

/** What a controller gone mad could try on any workload. */
const forbidden: Readonly<Record<string, object>> = {
  'another annotation of the template': template({ metadata: { annotations: { other: 'x' } } }),
  'an annotation less': template({ metadata: { annotations: { [keys.inject('java')]: null } } }),
  'a label of the template': template({ metadata: { labels: { more: 'x' } } }),
  'another image': template({ spec: { containers: [app] } }),
  'an annotation of the workload': { metadata: { annotations: { other: 'x' } } },
  'a label of the workload': { metadata: { labels: { other: 'x' } } },
  'a finalizer': { metadata: { finalizers: ['shop.example/stay'] } },
  'how long pods must be ready': { spec: { minReadySeconds: 7 } },
  'how many revisions are kept': { spec: { revisionHistoryLimit: 7 } },
};

const forbiddenOf: Readonly<Record<Kind, Readonly<Record<string, object>>>> = {
  Deployment: {
    'more replicas': { spec: { replicas: 5 } },
    'a pause': { spec: { paused: true } },
    'another strategy': { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
    'a shorter deadline': { spec: { progressDeadlineSeconds: 60 } },
  },
  StatefulSet: {
    'more replicas': { spec: { replicas: 5 } },
    'another strategy': { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } },
    'other ordinals': { spec: { ordinals: { start: 3 } } },
  },
  DaemonSet: { 'another strategy': { spec: { updateStrategy: { type: 'OnDelete' } } } },
};

for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
  test(`of a ${kind} the controller can change one annotation, whatever it tries`, async (t) => {
    const namespace = `guarded-${kind.toLowerCase()}`;
    const spot = { kind, namespace, name: 'cart' };
    const token = await cluster.serviceAccountToken(installed.namespace, account);
    const { client } = await cluster.signIn({ token });
    const write = async (patch: object) => {
      const merge = { type: 'application/merge-patch+json' };
      return (await client.call('PATCH', pathOf(spot), patch, merge)).code;
    };
    await cluster.createNamespace(namespace);
    await deploy(cluster, spot);
    for (const [what, patch] of Object.entries({ ...forbidden, ...forbiddenOf[kind] }))
      t.is(await write(patch), 403, what);
    t.is(await write(marking('0123456789abcdef.1.a')), 200);
    t.is(await write(marking(null)), 200);
    t.is((await client.call('DELETE', pathOf(spot))).code, 403);
  });
}

test('the controller can try how a pod would be made, and makes none', async (t) => {
  const token = await cluster.serviceAccountToken(installed.namespace, account);
  const { client } = await cluster.signIn({ token });
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const pod = {
    metadata: { name: 'tried' },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'app', image: 'shop.example/app:1', securityContext: restricted }],
    },
  };
  const path = `/api/v1/namespaces/${installed.namespace}/pods`;
  t.is((await client.call('POST', `${path}?dryRun=All`, pod)).code, 201);
  const refused = await client.call('POST', path, pod);
  t.is(refused.code, 403);
  t.regex(refused.body.message ?? '', /The controller may try how a pod would be made/);
});

const isWrite = ({ verb }: AuditLine) => !['get', 'list', 'watch'].includes(verb);

test.after('the restart that was refused was tried once', async (t) => {
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

test.after('a quiet cluster sees nothing from us but the lease and the probe', async (t) => {
  if (!isOurs) return;
  const quiet = await eventually('a quarter of a minute without a write', async () => {
    const before = (await linesOf()).length;
    await pause(15_000);
    const since = (await linesOf()).slice(before).filter(isWrite);
    const resources = [...new Set(since.map(({ objectRef }) => objectRef?.resource ?? ''))];
    return resources.every((one) => one === 'leases' || one === 'pods') && resources;
  });
  t.deepEqual(quiet.toSorted(), ['leases', 'pods']);
});

test.after('the controller may do what it does, and does all that it may', async (t) => {
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
    // An API server of today streams the first state; an older one is asked for a list.
    [...rights].filter((one) => !done.has(one) && !one.startsWith('list ')),
    [],
  );
});

test.after('no round has ended in a mistake of ours', async (t) => {
  if (!isOurs) return;
  t.deepEqual(
    controller.lines().filter(({ level, msg }) => level === 'error' && msg !== 'breaker opened'),
    [],
  );
  t.regex(await controller.metrics(), /^retrofit_round_failures_total 0$/m);
});

test.after('what was done is counted', async (t) => {
  if (!isOurs) return;
  const page = await controller.metrics();
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'])
    t.regex(
      page,
      new RegExp(`^retrofit_restart_outcomes_total{kind="${kind}",outcome="succeeded"} [1-9]`, 'm'),
    );
  t.regex(page, /^retrofit_restarts_total{kind="DaemonSet",cause="\w+"} 1$/m);
  t.regex(page, /^retrofit_leader 1$/m);
  t.regex(page, /^retrofit_probe_success 1$/m);
  t.regex(page, /^retrofit_pods{namespace="old-daemon",state="current"} 2$/m);
});

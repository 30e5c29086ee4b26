import {
  aGapIsClosed,
  whatIsTakenBackIsLeft,
  whoeverForgetsUsIsLeft,
} from '../../../journeys/loop/gap.ts';
import {
  aNewLeaderLeavesTheRest,
  newSettingsMendAll,
  oneIsTouchedAndTheRestIsNot,
  undoingClosesNothing,
} from '../../../journeys/loop/in-vain.ts';
import { twoThatActAtOnceRestartEachOnce } from '../../../journeys/loop/two-leaders.ts';
import { ourUpgradeRestartsNothing } from '../../../journeys/loop/upgrade.ts';
import { eventually } from '../../../journeys/support/ground.ts';
import { crashingIn } from '../../../journeys/support/world.ts';
import type { AuditLine, Cluster } from '../../cluster.ts';
import * as installed from '../../webhook/installation.ts';
import { openPremises, type Premises } from '../../webhook/premises.ts';
import type { Product, Settings } from '../../webhook/program.ts';
import { test } from '../../plane/ours.ts';

let premises: Premises;
let cluster: Cluster;
let webhook: Product;
let controller: Product;

async function serve(settings: Settings = {}): Promise<void> {
  webhook = await premises.serve(settings);
}

test.before(async () => {
  premises = await openPremises({
    fateOf: crashingIn('crash-'),
    settings: { 'settle-missing-seconds': 0, 'workload-metrics': 'true' },
  });
  ({ cluster } = premises);
  await serve();
  controller = await premises.launch('controller');
});

test.after.always(() => premises?.close());

const succeed = async () => {
  await controller.kill();
  controller = await premises.launch('controller');
  return controller;
};

test('an agent that crashes without a probe takes one workload down, also for a new leader', async (t) => {
  const harm = {
    namespaces: ['crash-1', 'crash-2', 'crash-3'],
    library: 'crash-library',
    reason: 'RestartFailed',
    isBlind: true,
  } as const;
  const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
  await undoingClosesNothing(t, cluster, harm, spots);
  await aNewLeaderLeavesTheRest(t, cluster, { ...harm, succeed }, spots);
  await newSettingsMendAll(cluster, harm, spots);
});

/** Another lease than the one that its rights name, so that neither knows of the other. */
async function allowAnotherLease(): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${installed.namespace}`;
  const rule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] };
  const kind = 'ServiceAccount';
  const subject = { kind, name: 'otel-retrofit-controller', namespace: installed.namespace };
  const metadata = { name: 'another-lease' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', ...metadata };
  const { adminClient } = cluster;
  await adminClient.call('POST', `${path}/roles`, { metadata, rules: [rule] });
  await adminClient.call('POST', `${path}/rolebindings`, {
    metadata,
    subjects: [subject],
    roleRef,
  });
}

const joinUnasked = async () => {
  const second = await premises.launch('controller', { 'lease-name': 'another' });
  await eventually('it leads too', () => second.lines().some(({ msg }) => msg === 'leading'));
  const restarts = async () => {
    const lines = (await second.metrics()).matchAll(/^retrofit_restarts_total{.*} (\d+)$/gm);
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { restarts, leave: () => second.stop(20_000) };
};

test('two controllers that act at once restart each workload once', async (t) => {
  await allowAnotherLease();
  await twoThatActAtOnceRestartEachOnce(t, cluster, { namespace: 'doubled', join: joinUnasked });
});

/** Each has a token of its own. */
const tokenOf = (call: AuditLine | undefined) =>
  call?.user.extra?.['authentication.kubernetes.io/credential-id']?.[0];

async function callsAboutTheLease(): Promise<readonly AuditLine[]> {
  const user = `system:serviceaccount:${installed.namespace}:otel-retrofit-controller`;
  return (await cluster.auditLines()).filter(
    (line) => line.user.username === user && line.objectRef?.name === 'otel-retrofit-controller',
  );
}

test('a controller that is told to stop hands over, and the next one leads at once', async (t) => {
  const { lines } = controller;
  await eventually('one leads', () => lines().some(({ msg }) => msg === 'leading'));
  const next = await premises.launch('controller');
  await controller.stop(20_000);
  await eventually('the other leads', () => next.lines().some(({ msg }) => msg === 'leading'));
  controller = next;

  const calls = await callsAboutTheLease();
  const successor = tokenOf(calls.at(-1));
  const handedOver = calls.findLastIndex((call) => tokenOf(call) !== successor);
  const since = calls.slice(handedOver + 1);
  t.is(calls[handedOver]?.verb, 'patch');
  // A lease that nobody gives back is looked at seven times before it has run out.
  const looks = since.findIndex(({ verb }) => verb === 'patch');
  t.true(looks === 1 || looks === 2, `${looks} looks`);
});

const doorman = {
  leave: () => webhook.stop(20_000),
  comeBack: serve,
};

test('a gap is closed, and a later one is a new gap', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'gap', name: 'cart' } as const;
  await aGapIsClosed(t, cluster, { spot, webhook: doorman });
});

test('what somebody takes back while the webhook is away is not written again', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'undone', name: 'cart' } as const;
  await whatIsTakenBackIsLeft(t, cluster, { spot, webhook: doorman });
});

test('a tool that drops our annotation is not written against', async (t) => {
  const spot = { kind: 'Deployment', namespace: 'forgotten', name: 'cart' } as const;
  await whoeverForgetsUsIsLeft(t, cluster, { spot, webhook: doorman });
});

test('an upgrade of ours with other default images restarts nothing', async (t) => {
  const image = 'shop.example/agents/java:99';
  const carryOut = async () => {
    await Promise.all([webhook.stop(20_000), controller.stop(20_000)]);
    await serve({ 'image-java': image });
    controller = await premises.launch('controller', { 'image-java': image });
  };
  await ourUpgradeRestartsNothing(t, cluster, {
    namespace: 'upgraded',
    image,
    carryOut,
    metrics: () => controller.metrics(),
  });
});

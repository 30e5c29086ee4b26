import {
  aGapIsClosed,
  whatIsTakenBackIsLeft,
  whoeverForgetsUsIsLeft,
} from '../../../journeys/loop/gap.ts';
import { ourUpgradeRestartsNothing } from '../../../journeys/loop/upgrade.ts';
import type { Cluster } from '../../cluster.ts';
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

const metrics = () => controller.metrics();

const doorman = {
  leave: () => webhook.stop(20_000),
  comeBack: serve,
};

test.before(async () => {
  premises = await openPremises({
    settings: { 'settle-missing-seconds': 0 },
  });
  ({ cluster } = premises);
  await serve();
  controller = await premises.launch('controller');
});

test.after.always(() => premises?.close());

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
  await ourUpgradeRestartsNothing(t, cluster, { namespace: 'upgraded', image, carryOut, metrics });
});

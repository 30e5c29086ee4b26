import type { ExecutionContext } from 'ava';
import { annotations as keys, marks } from '../../../crds/names.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { openKeeper, type Keeper } from '../../cluster/plane/programs.ts';
import { startCluster } from '../../cluster/start.ts';
import type { Product } from '../../cluster/webhook/program.ts';
import * as installed from '../../cluster/webhook/installation.ts';
import { call, eventually } from '../../journeys/support/ground.ts';
import {
  conditionOf,
  instrument,
  readInstrumentation,
} from '../../journeys/support/instrumentations.ts';
import { runPods, type Runner } from '../../journeys/support/runner.ts';
import {
  isReady,
  isStamped,
  podsOf,
  revisionsOf,
  type Spot,
} from '../../journeys/support/workloads.ts';
import { markIn, told, writesOf } from '../live/audit.ts';
import { bundleIn, openHand, webhookManifest, type Hand } from '../live/hand.ts';
import { chartOf, type HelmTool, type Release } from '../live/helm.ts';
import { launch, userOf } from '../live/product.ts';
import { look, manifestOf, type Seen } from '../live/workloads.ts';
import { test } from '../../cluster/plane/ours.ts';

let cluster: Cluster;
let keeper: Keeper;
let runner: Runner;
let hand: Hand;
let controller: Product;

const image = '{{ .Values.image }}';
const claim = [
  '{{- with .Values.claim }}',
  'annotations:',
  `  ${marks.restart}: {{ . | quote }}`,
  '{{- end }}',
];

/** What a chart says under `metadata` of a pod template. */
const templates = {
  none: manifestOf({ name: 'none', image }),
  some: manifestOf({
    name: 'some',
    image,
    template: ['annotations:', '  shop.example/team: cart'],
  }),
  empty: manifestOf({ name: 'empty', image, template: ['annotations: {}'] }),
  nothing: manifestOf({ name: 'nothing', image, template: ['annotations:'] }),
  stateful: manifestOf({ name: 'stateful', kind: 'StatefulSet', image }),
  claimed: manifestOf({ name: 'claimed', image, template: claim }),
} as const;

type Name = keyof typeof templates;
const names = Object.keys(templates) as Name[];

const spotOf = (tool: HelmTool, name: Name): Spot => ({
  kind: name === 'stateful' ? 'StatefulSet' : 'Deployment',
  namespace: `shop-${tool}`,
  name,
});

test.before(async () => {
  cluster = await startCluster();
  keeper = openKeeper(cluster.directory);
  await installed.install(cluster);
  runner = runPods(cluster);
  const webhook = await launch(cluster, keeper, 'webhook');
  await installed.redirect(cluster, webhook.webhookPort);
  controller = await launch(cluster, keeper, 'controller');
  hand = await openHand(cluster);
});

test.after.always(async () => {
  await runner?.stop();
  await hand?.close();
  await keeper?.end();
  await cluster?.stop();
});

async function untilRolled(spot: Spot, wanted: string, stamped: boolean): Promise<void> {
  await eventually(`two pods of ${spot.name} run ${wanted}`, async () => {
    const pods = await podsOf(cluster, spot);
    const images = pods.map((pod) => imageOf(pod));
    return (
      pods.length === 2 &&
      pods.every((pod) => isReady(pod) && isStamped(pod) === stamped) &&
      images.every((one) => one === wanted)
    );
  });
}

const imageOf = (pod: unknown) =>
  (pod as { readonly spec: { readonly containers: readonly { readonly image: string }[] } }).spec
    .containers[0]?.image;

/** What becomes of a restart of ours when Helm acts. */
interface Facts {
  /** Names whose restart an upgrade erases. */
  readonly erased: readonly Name[];
  readonly replace: readonly string[];
}

const facts: Readonly<Record<HelmTool, Facts>> = {
  // It compares the chart with what it installed, and takes a key without a value for a wish.
  helm3: { erased: ['nothing'], replace: ['--force'] },
  helm4: { erased: [], replace: ['--force-replace', '--server-side=false'] },
};

const tools = ['helm3', 'helm4'] as const;

for (const tool of tools) {
  const { erased, replace } = facts[tool];
  const namespace = `shop-${tool}`;
  const kept = names.filter((name) => !erased.includes(name));
  let release: Release;
  let since: number;
  const before = new Map<Name, Seen>();

  const was = (name: Name): Seen => {
    const one = before.get(name);
    if (one === undefined) throw new Error(`${name} was not mended`);
    return one;
  };
  const done = async (t: ExecutionContext, ...words: readonly string[]) => {
    const { code, stderr } = await release.helm(...words);
    t.is(code, 0, stderr);
  };
  const upgrade = (t: ExecutionContext, ...words: readonly string[]) =>
    done(t, 'upgrade', 'shop', release.chart, ...words);
  const revisions = async (name: Name) => (await revisionsOf(cluster, spotOf(tool, name))).length;
  const seen = (name: Name) => look(cluster, spotOf(tool, name));
  const isCounted = async () => {
    const pods = new RegExp(`^retrofit_pods\\{namespace="${namespace}",.*\\} [1-9]`, 'm');
    return pods.test(await controller.metrics());
  };
  const ourWrites = async () => {
    const resources = ['deployments', 'statefulsets'];
    const which = { by: userOf('controller'), since, namespace, resources };
    return (await writesOf(cluster, which)).map(told);
  };

  test(`${tool}: what was installed before its Instrumentation is mended`, async (t) => {
    release = await chartOf(cluster, { tool, namespace }, templates);
    await cluster.createNamespace(namespace);
    const annotations = { [keys.inject('java')]: 'true' };
    await call(cluster, 'PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { annotations } });
    await done(t, 'install', 'shop', release.chart);
    for (const name of names) await untilRolled(spotOf(tool, name), 'shop.example/app:1', false);
    await instrument(cluster, namespace);
    for (const name of names) await untilRolled(spotOf(tool, name), 'shop.example/app:1', true);
    await eventually('every restart is over', async () => {
      const { status } = await readInstrumentation(cluster, namespace);
      return status?.workloads?.['current'] === names.length;
    });
    for (const name of names) {
      const one = await seen(name);
      t.regex(one.marker ?? '', /^[0-9a-f]{16}\.1\.[0-9a-z]+$/, name);
      t.true(one.managers.includes('otel-retrofit/Update'), name);
      t.is(await revisions(name), 2, name);
      before.set(name, one);
    }
    since = await markIn(cluster);
  });

  test(`${tool}: an upgrade that changes nothing keeps the restart and restarts nothing`, async (t) => {
    for (let upgrades = 0; upgrades < 3; upgrades += 1) await upgrade(t);
    for (const name of kept) {
      const one = await seen(name);
      t.is(one.marker, was(name).marker, name);
      t.is(one.generation, was(name).generation, name);
      t.is(await revisions(name), 2, name);
    }
  });

  for (const name of erased) {
    test(`${tool}: an upgrade erases the restart where the chart has a key without a value, and it is not repeated`, async (t) => {
      t.is((await seen(name)).marker, undefined);
      await untilRolled(spotOf(tool, name), 'shop.example/app:1', true);
      t.is(await revisions(name), 2);
      const one = await readInstrumentation(cluster, namespace);
      t.is(conditionOf(one, 'Covered')?.reason, 'AllCurrent');
      t.deepEqual(one.status?.attention, []);
    });
  }

  test(`${tool}: a new image is rolled out once, with agents, and a rollback keeps the restart too`, async (t) => {
    await upgrade(t, '--set', 'image=shop.example/app:2');
    for (const name of names) {
      await untilRolled(spotOf(tool, name), 'shop.example/app:2', true);
      t.is(await revisions(name), 3, name);
    }
    for (const name of kept) t.is((await seen(name)).marker, was(name).marker, name);
    await done(t, 'rollback', 'shop', '1');
    for (const name of names) await untilRolled(spotOf(tool, name), 'shop.example/app:1', true);
    for (const name of kept) {
      t.is((await seen(name)).marker, was(name).marker, name);
      t.is(await revisions(name), 3, name);
    }
  });

  test(`${tool}: a restart by kubectl stays beside ours`, async (t) => {
    const args = ['rollout', 'restart', 'deployment/none', '--namespace', namespace];
    t.is((await cluster.kubectl(args)).code, 0);
    const { restartedAt } = await seen('none');
    t.is(typeof restartedAt, 'string');
    await upgrade(t);
    const one = await seen('none');
    t.is(one.restartedAt, restartedAt);
    t.is(one.marker, was('none').marker);
  });

  test(`${tool}: a chart that claims our annotation ${tool === 'helm3' ? 'overwrites it' : 'is refused, or overwrites it by force'}`, async (t) => {
    const words = ['--set', 'claim=theirs'];
    if (tool === 'helm4') {
      const { code, stderr } = await release.helm('upgrade', 'shop', release.chart, ...words);
      t.not(code, 0);
      t.regex(stderr, /conflict with "otel-retrofit"/);
      t.is((await seen('claimed')).marker, was('claimed').marker);
      words.push('--force-conflicts');
    }
    await upgrade(t, ...words);
    t.is((await seen('claimed')).marker, 'theirs');
  });

  test(`${tool}: ${replace[0]} erases the restart, for it puts the chart in place of all there is`, async (t) => {
    await upgrade(t, '--reset-values', ...replace);
    for (const name of names) {
      t.is((await seen(name)).marker, undefined, name);
      await untilRolled(spotOf(tool, name), 'shop.example/app:1', true);
    }
  });

  test(`${tool}: nothing of all that has made us restart a second time`, async (t) => {
    t.deepEqual(await ourWrites(), []);
  });

  test(`${tool}: uninstalled, the application is gone`, async (t) => {
    t.true(await isCounted());
    await done(t, 'uninstall', 'shop');
    await eventually('its pods are gone', async () => {
      const pods = await Promise.all(names.map((name) => podsOf(cluster, spotOf(tool, name))));
      return pods.every(({ length }) => length === 0);
    });
    await eventually('they are counted no more', async () => !(await isCounted()));
  });
}

/** What stands in a chart where the authority of a webhook goes, and what an upgrade makes of ours. */
const authorities = [
  { line: 'absent', helm3: 'kept', helm4: 'kept' },
  { line: '""', helm3: 'erased', helm4: 'refused' },
  { line: 'Cg==', helm3: 'erased', helm4: 'refused' },
] as const;

for (const tool of tools) {
  for (const [index, { line, [tool]: fate }] of authorities.entries()) {
    test(`${tool}: the authority that we write is ${fate} where the chart says ${line}`, async (t) => {
      const name = `${tool}-authority-${index}`;
      const authority = cluster.caPem;
      const where = { tool, namespace: 'default' };
      const { helm, chart } = await chartOf(cluster, where, {
        [name]: webhookManifest(name, line),
      });
      t.is((await helm('install', name, chart)).code, 0);
      await hand.publish(name, authority);
      t.is(await bundleIn(cluster, name), authority);
      const { code, stderr } = await helm('upgrade', name, chart);
      if (fate === 'refused') t.regex(stderr, /conflict with "otel-retrofit"/);
      else t.is(code, 0, stderr);
      const now = await bundleIn(cluster, name);
      if (fate === 'erased') t.not(now, authority);
      else t.is(now, authority);
    });
  }
}

test('the status speaks no more of what was uninstalled', async (t) => {
  for (const tool of tools) {
    const { status } = await eventually('it counts nothing', async () => {
      const one = await readInstrumentation(cluster, `shop-${tool}`);
      return Object.values(one.status?.workloads ?? {}).every((count) => count === 0) && one;
    });
    t.deepEqual(status?.attention ?? [], []);
  }
});

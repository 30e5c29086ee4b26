import type { WorkloadKind } from '../../domain/restart/records/metadata.ts';
import type { Verdict } from '../../domain/restart/verdict.ts';
import {
  aPod,
  Cluster,
  theGift,
  theStamp,
  type WorkloadScene,
} from '../controller/page/cluster.ts';
import { diceOf } from '../support/dice.ts';
import { hour, minute, noon } from '../support/restart.ts';

const behind: Verdict = { kind: 'behind', reason: 'PodsPredateInstrumentation' };
const cause = 'PodsPredateInstrumentation';
const held = (reason: 'ObserveOnly' | 'DowntimeExpected' | 'OnDelete'): Verdict => ({
  kind: 'held',
  reason,
  cause,
});
const waits = (reason: 'Busy' | 'Settling' | 'BreakerOpen', inSeconds?: number): Verdict => ({
  kind: 'waiting',
  reason,
  cause,
  until: inSeconds === undefined ? undefined : noon + inSeconds,
});

const calm = (namespace: string, ...names: readonly string[]): readonly WorkloadScene[] =>
  names.map((name, index) => ({
    name,
    namespace,
    coverage: { current: 2 + ((index * 3) % 7) },
  }));

const bare = (missing: number, current = 0) => ({ coverage: { missing, current } });

/** A shop in the middle of its story: most of it is done, some is under way, some needs a person. */
export function aShop(): Cluster {
  const shop = new Cluster().put(
    ...calm('checkout', 'cart', 'payment', 'basket-events', 'tax', 'vouchers', 'gift-cards'),
    ...calm('catalog', 'search', 'products', 'pictures', 'prices', 'stock', 'reviews', 'labels'),
    ...calm('accounts', 'login', 'profile', 'consent', 'mail-preferences'),
    ...calm('delivery', 'routes', 'parcels', 'returns', 'pickup-points', 'carriers'),
    ...calm('web', 'storefront', 'assets', 'edge-config'),
    ...calm('insights', 'clickstream', 'reports'),
    ...underWay,
    ...lacking,
    ...exempt,
  );
  shop.breakers.set('insights/python', {
    since: noon - 14 * minute,
    workload: 'Deployment/insights/forecast',
    reason: 'RestartFailed',
    settings: '',
  });
  shop.pods.set('Deployment/insights/forecast', forecastPods);
  return shop;
}

const underWay: readonly WorkloadScene[] = [
  {
    name: 'orders',
    namespace: 'checkout',
    since: noon - 9 * minute,
    verdict: { kind: 'waiting', reason: 'RolloutInProgress', cause, until: undefined },
    coverage: { missing: 3, current: 5 },
    restart: { kind: 'underWay', age: 70 },
    updated: 5,
  },
  {
    name: 'recommendations',
    namespace: 'catalog',
    since: noon - 9 * minute,
    verdict: { kind: 'waiting', reason: 'RolloutInProgress', cause, until: undefined },
    coverage: { missing: 4, current: 2 },
    restart: { kind: 'underWay', age: 24 },
    updated: 2,
  },
  {
    name: 'sessions',
    namespace: 'accounts',
    kind: 'StatefulSet',
    since: noon - 8 * minute,
    verdict: { kind: 'waiting', reason: 'RolloutInProgress', cause, until: undefined },
    coverage: { missing: 2, current: 1 },
    restart: { kind: 'underWay', age: 110 },
    updated: 1,
  },
];

const lacking: readonly WorkloadScene[] = [
  {
    name: 'forecast',
    namespace: 'insights',
    since: noon - 31 * minute,
    verdict: { kind: 'stuck', reason: 'RestartFailed', cause },
    coverage: { current: 1, missing: 3 },
    restart: { kind: 'failed', age: 16 * minute },
    updated: 1,
    wanted: { ...theGift, languages: ['python'], instrumentations: ['insights/python'] },
  },
  {
    name: 'legacy-billing',
    namespace: 'checkout',
    since: noon - 26 * hour,
    verdict: { kind: 'refused', reason: 'AnotherAgentPresent' },
    coverage: { refused: 2 },
  },
  {
    name: 'ranking',
    namespace: 'insights',
    since: noon - 9 * minute,
    verdict: waits('BreakerOpen'),
    ...bare(3),
  },
  {
    name: 'newsletter',
    namespace: 'accounts',
    since: noon - 40,
    verdict: waits('Settling', 20),
    ...bare(2),
  },
  {
    name: 'price-import',
    namespace: 'catalog',
    since: noon - 9 * minute,
    verdict: waits('Busy'),
    ...bare(4),
  },
  {
    name: 'invoices',
    namespace: 'checkout',
    since: noon - 9 * minute,
    verdict: waits('Busy'),
    ...bare(6),
  },
  {
    name: 'tracking',
    namespace: 'delivery',
    since: noon - 10 * minute,
    verdict: behind,
    ...bare(5),
  },
  {
    name: 'ledger',
    namespace: 'checkout',
    kind: 'StatefulSet',
    since: noon - 52 * hour,
    verdict: held('DowntimeExpected'),
    ...bare(1),
  },
  {
    name: 'node-metrics',
    namespace: 'platform',
    kind: 'DaemonSet',
    since: noon - 75 * hour,
    verdict: held('OnDelete'),
    ...bare(9, 3),
  },
  {
    name: 'admin',
    namespace: 'platform',
    since: noon - 5 * hour,
    verdict: held('ObserveOnly'),
    coverage: { outdated: 2, current: 1 },
  },
];

const exempt: readonly WorkloadScene[] = ['coredns', 'registry-cache', 'cert-issuer'].map(
  (name) => ({
    name,
    namespace: 'platform',
    verdict: { kind: 'exempt', reason: 'NotAsked' },
    coverage: {},
  }),
);

const broken = {
  name: 'app',
  isInit: false,
  restarts: 6,
  waiting: 'CrashLoopBackOff',
  terminated: 'Error',
};

const forecastPods = [
  aPod({
    name: 'forecast-7c9d5f6b48-x2lqp',
    namespace: 'insights',
    createdAt: noon - 16 * minute,
    injected: theStamp,
    carriesAgent: true,
    isReady: false,
    containers: [broken],
  }),
  ...['h8wzt', 'k4m2n', 'tq6vd'].map((end, index) =>
    aPod({
      name: `forecast-58b7d9c6fd-${end}`,
      namespace: 'insights',
      createdAt: noon - (9 + index) * hour,
    }),
  ),
];

const kinds = ['Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** Many workloads in many namespaces, the same for the same seed. */
export function aCrowd(count: number, seed: number): Cluster {
  const dice = diceOf(seed);
  const words = ['cart', 'stock', 'mail', 'search', 'price', 'route', 'login', 'image'] as const;
  const scenes = Array.from({ length: count }, (_, index): WorkloadScene => {
    const kind: WorkloadKind = dice.pick([...kinds]);
    const where = {
      name: `${dice.pick(words)}-${index}`,
      namespace: `team-${String(dice.roll(120)).padStart(3, '0')}`,
      kind,
    };
    const pods = 1 + dice.roll(12);
    const since = noon - dice.roll(hour);
    const luck = dice.roll(100);
    if (luck < 70) return { ...where, coverage: { current: pods } };
    if (luck < 80)
      return { ...where, verdict: { kind: 'exempt', reason: 'NotAsked' }, coverage: {} };
    if (luck < 90) return { ...where, since, verdict: waits('Busy'), ...bare(pods) };
    if (luck < 96) return { ...where, since, verdict: held('ObserveOnly'), ...bare(pods) };
    return {
      ...where,
      since,
      verdict: { kind: 'stuck', reason: 'RestartDidNotHelp', cause },
      ...bare(pods),
    };
  });
  return new Cluster().put(...scenes);
}

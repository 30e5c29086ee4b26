import { readFileSync } from 'node:fs';
import { dashboardQueries, queries, ruleQueries } from '../../../support/prometheus/queries.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { openKeeper, type Keeper } from '../../../cluster/plane/programs.ts';
import { hurriedQuery } from '../../../support/prometheus/hurry.ts';
import { startPrometheus, type Prometheus } from '../../../support/prometheus/server.ts';
import { startCluster } from '../../../cluster/start.ts';
import { until } from '../../../cluster/until.ts';
import { runPods, type Runner } from '../../../journeys/support/runner.ts';
import {
  asking,
  deploy,
  isStamped,
  podsOf,
  type Spot,
} from '../../../journeys/support/workloads.ts';
import * as installed from '../../../cluster/webhook/installation.ts';
import * as pods from '../../../cluster/webhook/pods.ts';
import {
  start,
  untilReady,
  type Product,
  type Settings,
} from '../../../cluster/webhook/program.ts';
import * as stage from '../../../cluster/webhook/stage.ts';
import { test } from '../../../cluster/plane/ours.ts';

/** What takes minutes by default. It settles for longer than it takes to see that the webhook is gone. */
const hurriedController = {
  'settle-missing-seconds': 6,
  'owner-quiet-seconds': 1,
  'warm-up-seconds': 0,
  'soak-seconds': 2,
  'prove-seconds': 3,
  'proof-interval-seconds': 1,
};

const bank: Spot = { kind: 'Deployment', namespace: 'bank', name: 'ledger' };

let cluster: Cluster;
let keeper: Keeper;
let runner: Runner;
let prometheus: Prometheus;
let webhook: Product;
let controller: Product | undefined;

const create = (value = 'true') => pods.createPod(cluster, 'shop', stage.aCart(value), 'real');

const scrape = () =>
  prometheus.scrape({
    ...(webhook.hasEnded() ? {} : { webhook: webhook.metricsPort }),
    ...(controller === undefined ? {} : { controller: controller.metricsPort }),
  });

async function launch(role: string, settings: Settings): Promise<Product> {
  const token = await cluster.serviceAccountToken(installed.namespace, `otel-retrofit-${role}`);
  const { kubeconfig } = await cluster.signIn({ token });
  const { directory } = cluster;
  const name = `${role}-${Math.trunc(performance.now())}`;
  return untilReady(
    start({ keeper, directory, name, settings: { role, kubeconfig, ...settings } }),
  );
}

async function startWebhook(): Promise<void> {
  webhook = await launch('webhook', {});
  await installed.redirect(cluster, webhook.webhookPort);
  await scrape();
}

async function stopWebhook(): Promise<void> {
  await webhook.stop(20_000);
  await scrape();
}

async function firing(): Promise<readonly string[]> {
  const alerts = await prometheus.alerts();
  const names = alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
  return [...new Set(names.map(({ alertname = '' }) => alertname))].toSorted();
}

const untilFiring = (...alerts: readonly string[]) =>
  until(
    async () => {
      const found = (await firing()).join();
      if (found !== alerts.join()) throw new Error(`What fires is: ${found}.`);
      return true;
    },
    { what: `what fires is: ${alerts.join(', ')}` },
  );

const countOf = async (query: string) => (await prometheus.query(query))[0]?.value;

/** What is new to the API server is known from what it said before. */
const hasLookedBack = async () =>
  (await countOf(hurriedQuery('max_over_time(up{job="apiserver"}[5m] offset 10m)'))) === 1;

/** Of whom a scrape has failed nothing is known until the next. */
const known = (query: string) => until(() => countOf(query), { what: `${query} is known` });

const coverage = () => known('namespace:retrofit_coverage:ratio{namespace="bank"}');

test('a Prometheus scrapes the webhook and the API server', async (t) => {
  cluster = await startCluster();
  keeper = openKeeper(cluster.directory);
  t.is((await installed.install(cluster)).stderr, '');
  await cluster.adminClient.call('POST', '/api/v1/nodes', { metadata: { name: 'node' } });
  runner = runPods(cluster);
  prometheus = await startPrometheus(cluster, keeper);
  await startWebhook();
  t.deepEqual(await stage.set(cluster, stage.shop), []);
  await until(async () => pods.isInjected((await create()).body), { what: 'a pod is injected' });
  await create('nobody');
  await until(
    async () => {
      const found = await prometheus.query('retrofit_admissions_total > 0');
      const outcomes = new Set(found.map(({ metric }) => metric['outcome']));
      return outcomes.has('injected') && outcomes.has('declined');
    },
    { what: 'an injected and a declined pod are counted' },
  );
  t.is(await known('retrofit_injections_total{language="java", pod="webhook"} > 0'), 1);
});

test('that no controller runs is noticed, and nothing is said against the webhook', async (t) => {
  await untilFiring('RetrofitControllerDown');
  t.deepEqual(await firing(), ['RetrofitControllerDown']);
});

test('one single pod that was missed is noticed', async (t) => {
  await until(hasLookedBack, {
    what: 'Prometheus has looked for as long as the rules look back',
  });
  await stopWebhook();
  const { body } = await create();
  t.false(pods.isInjected(body));
  // It fires for a while only, and a loaded machine may need as long for the start.
  await Promise.all([
    untilFiring('RetrofitControllerDown', 'RetrofitWebhookFailingOpen'),
    startWebhook(),
  ]);
  await until(async () => pods.isInjected((await create()).body), { what: 'a pod is injected' });
  await untilFiring('RetrofitControllerDown');
});

test('a controller comes: a workload is covered, and nothing fires', async (t) => {
  await clearShop();
  controller = await launch('controller', hurriedController);
  await scrape();
  await cluster.createNamespace(bank.namespace);
  await cluster.adminClient.call('POST', stage.instrumentationsPath(bank.namespace), {
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { name: 'agents' },
    spec: { exporter: { endpoint: 'http://otel.obs:4318' } },
  });
  await until(() => countOf('max(retrofit_probe_success) == 1'), { what: 'the webhook is proven' });
  await deploy(cluster, bank, { annotations: asking });
  await until(async () => (await countOf('retrofit_pods{state="current"}')) === 2, {
    what: 'both pods are counted',
  });
  await until(async () => (await coverage()) === 1, { what: 'coverage is whole' });
  await untilFiring();
  t.deepEqual(await firing(), []);
});

test('the webhook stops and pods come up bare: alerts fire', async (t) => {
  await stopWebhook();
  const before = await podsOf(cluster, bank);
  for (const { metadata } of before) {
    await cluster.adminClient.call(
      'DELETE',
      `/api/v1/namespaces/${bank.namespace}/pods/${metadata.name}?gracePeriodSeconds=0`,
    );
  }
  await untilFiring('RetrofitPodsNotInstrumented', 'RetrofitWebhookFailingOpen');
  t.false((await podsOf(cluster, bank)).some(isStamped));
  t.is(await coverage(), 0);
  const alerts = await prometheus.alerts();
  const told = alerts.find(({ labels }) => labels['alertname'] === 'RetrofitPodsNotInstrumented');
  t.is(told?.labels['namespace'], 'bank');
  t.is(
    told?.annotations['summary'],
    '2 pods in bank ask for an agent and have had none for an hour.',
  );
});

test('the webhook is back: the pods are mended, and the alerts end', async (t) => {
  await startWebhook();
  await until(async () => (await podsOf(cluster, bank)).every(isStamped), {
    what: 'the workload was restarted and carries its agents',
  });
  await untilFiring();
  t.is(await coverage(), 1);
  t.is(await known('sum(retrofit_restarts_total)'), 1);
  await until(
    async () => (await countOf('sum(retrofit_restart_outcomes_total{outcome="succeeded"})')) === 1,
    { what: 'the success is counted' },
  );
});

test('what the runbooks tell people to look at shows what has happened', async (t) => {
  const runbook = readFileSync('docs/runbooks/RetrofitRestartStorm.md', 'utf8');
  const [, command = ''] = /^\$ kubectl (get events .+)$/m.exec(runbook) ?? [];
  const { stdout } = await cluster.kubectl(command.split(' '));
  t.regex(stdout, /bank .* WorkloadRestarted .* deployment\/ledger/);
});

test('Prometheus takes every query of rules, dashboard and runbooks', async (t) => {
  for (const { text, place } of queries()) {
    await t.notThrowsAsync(prometheus.query(hurriedQuery(text)), place);
  }
});

/** Empty while nobody waits, nothing is broken, and a setting is off. */
const calm = /queue_oldest|retrofit_breaker_open\)|retrofit_workload_info|> 0$/;

test('the dashboard shows something wherever there is something', async (t) => {
  await create();
  const empty: string[] = [];
  for (const { text, place } of dashboardQueries()) {
    if (calm.test(text)) continue;
    const found = await prometheus.query(hurriedQuery(text));
    if (found.length === 0) empty.push(`${place}: ${text}`);
  }
  t.deepEqual(empty, []);
});

test('the alert for a webhook that nobody calls knows the API server by its own words', async (t) => {
  const rule = ruleQueries().find(({ place }) => place === 'RetrofitWebhookNotCalled');
  const names = [...(rule?.text ?? '').matchAll(/apiserver_\w+\{[^}]+\}/g)].map(([name]) => name);
  t.is(names.length, 2);
  for (const name of names) t.true((await prometheus.query(name)).length > 0, name);
});

/** Its bare pods belong to no workload, and would be told of for as long as they are there. */
async function clearShop(): Promise<void> {
  await cluster.adminClient.call('DELETE', '/api/v1/namespaces/shop/pods?gracePeriodSeconds=0');
}

test.after.always('they end', async () => {
  await runner?.stop();
  await keeper?.end();
  await cluster?.stop();
});

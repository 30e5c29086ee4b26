import { setTimeout as pause } from 'node:timers/promises';
import type { Customers } from './shop/customers.ts';
import { boardOf, readVerdicts, spansText, type Said } from './board.ts';
import { create, manifestsIn, redirected } from './manifests.ts';
import type { Line, Product } from './product.ts';
import type { Screen } from './screen.ts';
import type { Shop } from './shop/shop.ts';
import type { Span } from './otlp/spans.ts';
import type { Stage } from './stage.ts';
import { treeOf } from './otlp/tree.ts';

/** Everybody who plays a part. */
export interface Cast {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly shop: Shop;
  readonly customers: Customers;
  readonly product: Product;
  readonly signal: AbortSignal;
}

/** How a part of the story begins: the shop stands, and is bare. */
export async function installCrds({ api, webhookPort }: Stage): Promise<void> {
  const paths = ['namespace.yaml', 'admission.yaml'].map((name) => `config/base/${name}`);
  const files = await Promise.all(
    ['crds/instrumentations.yaml', ...paths].map((path) => manifestsIn(path)),
  );
  await create(
    api,
    files.flat().map((manifest) => redirected(manifest, webhookPort)),
  );
}

/** From bare pods to a trace across all services. */
export async function tell(cast: Cast): Promise<void> {
  const { screen, stage, shop, customers, product } = cast;
  const live = new AbortController();
  const watching = keepBoard(cast, live.signal);
  try {
    await until(cast, () => product.ports() !== undefined);
    screen.say('\notel-retrofit is up: webhook and controller, as in production.');
    screen.say('Nothing can be injected yet: no Instrumentation says how.');
    await until(cast, async () => (await verdictsOf(product)).size === shop.apps.length);

    screen.say(
      '\nThe Instrumentation comes, after the pods:  kubectl apply -f instrumentation.yaml',
    );
    const words = { 'http://collector:4318': stage.receiver.endpoint };
    await create(stage.api, await manifestsIn('cli/demo/shop/instrumentation.yaml', words));
    const narrating = narrate(cast, live.signal);
    await until(cast, () => shop.pods().every(({ isInjected, isReady }) => isInjected && isReady));
    const found = await until(cast, () => stage.receiver.traceWhere(isWholeIn(shop)));
    await until(cast, async () => [...(await verdictsOf(product)).values()].every(isCurrent));
    live.abort();
    await narrating;
    screen.say('\nEvery pod has its agent. One request, as its trace tells it:\n');
    for (const line of treeOf(found)) screen.say(`  ${line}`);
    const { answered, failed } = customers.counts();
    screen.say(`\n${spansText(shop, stage.receiver)}.`);
    screen.say(`Meanwhile customers were served ${answered} times, and ${failed} times not.`);
  } finally {
    live.abort();
    await watching;
  }
}

/** The agent sends spans when they end, so a trace is whole when its first span is there. */
const isWholeIn =
  ({ apps }: Shop) =>
  (spans: readonly Span[]) =>
    apps.every((app) => spans.some(({ service }) => service === app)) &&
    spans.some(({ service, parentId }) => service === 'web' && parentId === '');

const isCurrent = ({ verdict }: Said) => verdict === 'current';

async function keepBoard(cast: Cast, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !cast.signal.aborted) {
    const verdicts = await verdictsOf(cast.product);
    cast.screen.show(boardOf(cast.shop, verdicts), spansText(cast.shop, cast.stage.receiver));
    await pause(lookMs);
  }
}

const lookMs = 200;

async function verdictsOf(product: Product): Promise<ReadonlyMap<string, Said>> {
  const ports = product.ports();
  return ports === undefined ? new Map() : readVerdicts(ports.metricsPort);
}

/** Tells what the program's log tells, in the order of the log. */
async function narrate({ product, screen, signal: end }: Cast, signal: AbortSignal): Promise<void> {
  let told = product.lines.length;
  for (;;) {
    for (const line of product.lines.slice(told)) {
      const sentence = sentenceOf(line);
      if (sentence !== undefined) screen.say(sentence);
    }
    told = product.lines.length;
    if (signal.aborted || end.aborted) return;
    await pause(lookMs);
  }
}

const sentences: Readonly<Record<string, (line: Line) => string>> = {
  restarted: ({ workload, cause }) => `  ${String(workload)} is restarted: ${String(cause)}`,
  'restart succeeded': ({ workload }) => `  ${String(workload)} runs with its agent`,
  'restart failed': ({ workload }) =>
    `  ${String(workload)} fails after the restart: all others wait`,
};

const sentenceOf = (line: Line) => sentences[line.msg]?.(line);

/** Waits for what must come to pass; a person who leaves ends it by an error. */
export async function until<T>(
  { signal }: Pick<Cast, 'signal'>,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await condition();
    if (answer !== undefined && answer !== false) return answer;
    await pause(lookMs / 4);
  }
}

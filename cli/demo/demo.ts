import { setTimeout as pause } from 'node:timers/promises';
import { startProduct, shortened, type Product } from './product.ts';
import { createScreen, type Paper, type Screen } from './screen.ts';
import { buildShop } from './shop/shop.ts';
import { setStage, type Stage } from './stage.ts';
import { installCrds, tell } from './story.ts';

/** Shows what the product is for, from bare pods to traces, and stays up for whoever wants to try things. */
export async function showDemo(paper: Paper, signal: AbortSignal): Promise<void> {
  const screen = createScreen(paper);
  const open: { stop(): Promise<unknown> }[] = [];
  const opened = <T extends { stop(): Promise<unknown> }>(one: T): T => {
    open.push(one);
    return one;
  };
  try {
    screen.say(
      'A small cluster starts on this machine: an API server for development and one node.',
    );
    const stage = opened(await setStage());
    await installCrds(stage);
    screen.say('A shop of three services is deployed. Its pods ask for the Node.js agent.');
    const shop = opened(await buildShop(stage));
    await readiness(() => shop.pods().length === 5 && shop.pods().every(({ isReady }) => isReady));
    const customers = opened(shop.open());
    screen.say(`Waits are shortened for you: ${waits()}.`);
    const product = opened(startProduct(stage));
    await tell({ stage, screen, shop, customers, product, signal });
    await invite(screen, stage, product, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.show([]);
    for (const one of open.toReversed()) await one.stop();
  }

  async function readiness(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      signal.throwIfAborted();
      await pause(50);
    }
  }
}

const waits = () =>
  Object.entries(shortened)
    .map(([name, seconds]) => `${name} ${seconds}`)
    .join(', ');

/** Stays until the person leaves. */
async function invite(
  screen: Screen,
  { kubeconfig }: Stage,
  product: Product,
  signal: AbortSignal,
): Promise<void> {
  const kubectl = `kubectl --kubeconfig ${kubeconfig}`;
  const lines = [
    '',
    'It goes on running. Look around from another terminal:',
    `  export KUBECONFIG=${kubeconfig}`,
    `  http://127.0.0.1:${product.ports()?.pagePort}/         the page, live`,
    `  http://127.0.0.1:${product.ports()?.metricsPort}/metrics`,
    '',
    'Three things to try:',
    '  Break the webhook, lose a pod, and heal it; then look at the page:',
    `    ${kubectl} patch mutatingwebhookconfiguration otel-retrofit --type=json -p '[{"op":"replace","path":"/webhooks/0/objectSelector","value":{"matchLabels":{"no":"pod"}}}]'`,
    `    ${kubectl} -n shop delete pod -l app=stock`,
    `    ${kubectl} patch mutatingwebhookconfiguration otel-retrofit --type=json -p '[{"op":"replace","path":"/webhooks/0/objectSelector","value":{}}]'`,
    '  Ask the doctor:',
    `    npx retrofit doctor deployment/stock -n shop --kubeconfig ${kubeconfig}`,
    '  Opt a workload out:',
    `    ${kubectl} -n shop annotate deployment cart otel-retrofit.dev/remediation=off`,
    '',
    'Ctrl-C ends it and leaves nothing behind.',
  ];
  for (const line of lines) screen.say(line);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}

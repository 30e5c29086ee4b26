import { setTimeout as pause } from 'node:timers/promises';
import { startProduct, shortened, type Product } from './product.ts';
import { createScreen, type Paper, type Screen } from './screen.ts';
import { pythonImages } from './shop/python.ts';
import { buildShop } from './shop/shop.ts';
import { setStage, type Stage } from './stage.ts';
import { installCrds, tell } from './story.ts';

/** Shows what the product is for, from bare pods to traces, and stays up for whoever wants to try things. */
export async function showDemo(
  paper: Paper,
  { withPython }: Wishes,
  signal: AbortSignal,
): Promise<void> {
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
    const python = withPython ? await preparePython(screen, signal) : undefined;
    const stage = opened(await setStage(python));
    await installCrds(stage);
    screen.say(
      stage.hasPython
        ? 'A shop of four services is deployed. Its pods ask for the Node.js agent, one for that of Python.'
        : 'A shop of three services is deployed. Its pods ask for the Node.js agent.',
    );
    const shop = opened(await buildShop(stage));
    await readiness(() => shop.isReady());
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

/** What the person has asked for. */
export interface Wishes {
  readonly withPython: boolean;
}

async function preparePython(screen: Screen, signal: AbortSignal) {
  screen.say('Packages for Python are fetched by pip, the first time.');
  const images = await pythonImages(signal);
  if (images === undefined)
    screen.say(
      'The machine has no Python 3.10 to 3.13 with pip, so all services are in JavaScript.',
    );
  return images;
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
  const { pagePort, metricsPort } = product.ports() ?? {};
  const lines = [
    '',
    'It goes on running. Look around from another terminal:',
    `  export KUBECONFIG=${kubeconfig}`,
    `  http://127.0.0.1:${pagePort}/         the page, live`,
    `  http://127.0.0.1:${metricsPort}/metrics`,
    '',
    ...thingsToTry(kubeconfig),
    '',
    'Ctrl-C ends it and leaves nothing behind.',
  ];
  for (const line of lines) screen.say(line);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}

/** Each names the cluster it is for: whoever has forgotten the line above must not break their own. */
function thingsToTry(kubeconfig: string): readonly string[] {
  const kubectl = `kubectl --kubeconfig ${kubeconfig}`;
  const select = (what: object) => {
    const patch = [{ op: 'add', path: '/webhooks/0/objectSelector', value: what }];
    return `${kubectl} patch mutatingwebhookconfiguration otel-retrofit --type=json -p '${JSON.stringify(patch)}'`;
  };
  return [
    'Three things to try, with kubectl and in this folder:',
    '  Break the webhook, and let a pod come that it does not see:',
    `    ${select({ matchLabels: { no: 'pod' } })}`,
    `    ${kubectl} -n shop patch deployment cart -p '{"spec":{"replicas":3}}'`,
    '  Ask the doctor why that pod is bare, then heal the webhook and look at the page:',
    `    npx retrofit doctor deployment/cart -n shop --kubeconfig ${kubeconfig}`,
    `    ${select({})}`,
    '  Keep us away from a workload:',
    `    ${kubectl} -n shop annotate deployment cart otel-retrofit.dev/remediation=off --overwrite`,
  ];
}

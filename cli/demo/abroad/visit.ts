import type { Client } from '../../../controller/kube/client.ts';
import { faultOf } from '../../../controller/kube/fault.ts';
import { boardOf, readVerdicts } from '../board.ts';
import { createScreen, type Paper, type Screen } from '../screen.ts';
import { freePort } from '../stage.ts';
import { startProduct, type Product } from '../product.ts';
import { until } from '../story.ts';
import { apps, namespaces, pack, packUp, titleOf, unpack, type Made } from './belongings.ts';
import { obstaclesIn } from './obstacles.ts';
import { watchShop, type Guests } from './guests.ts';

/** Whose cluster it is, as the person has named it. */
export interface Destination {
  readonly context: string;
  readonly kubeconfig?: string | undefined;
  /** Otherwise everything is only observed. */
  readonly mayRestart: boolean;
}

export type Visited = 'shown' | 'turnedAway';

/** Tells the story in a cluster of somebody else's: it says first what it brings, and takes all of it along. */
export async function visit(
  paper: Paper,
  destination: Destination,
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
): Promise<Visited> {
  const screen = createScreen(paper);
  const webhookPort = await freePort();
  const belongings = await pack(webhookPort, destination.mayRestart);
  const obstacles = await obstaclesIn(client, belongings);
  if (obstacles.length > 0) {
    turnAway(screen, destination, obstacles);
    return 'turnedAway';
  }
  const { atFirst, webhooks, instrumentation } = belongings;
  announce(screen, destination, [...atFirst, ...webhooks, ...instrumentation].map(titleOf));
  const made: Made[] = [];
  let product: Product | undefined;
  let guests: Guests | undefined;
  try {
    await unpack(client, [...atFirst, ...webhooks], made);
    guests = watchShop(client);
    screen.say('\nA shop of three services is deployed. Its pods ask for the Node.js agent.');
    await arrival({ screen, guests, signal });
    product = startProduct({ ...destination, webhookPort, role: roleOf(destination) });
    await tell({ screen, guests, product, signal, destination }, () =>
      unpack(client, instrumentation, made),
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.show([]);
    await product?.stop();
    await guests?.stop();
    await leave(screen, destination, await packUp(client, made));
  }
  return 'shown';
}

/** A webhook that no cluster can call is not started. */
const roleOf = ({ mayRestart }: Destination) => (mayRestart ? 'all' : 'controller');

function turnAway(screen: Screen, { context }: Destination, obstacles: readonly string[]): void {
  screen.say(`The demo leaves ${context} alone, and has created nothing there:`);
  for (const one of obstacles.slice(0, mostTold)) screen.say(`  ${one}`);
  if (obstacles.length > mostTold) screen.say(`  And ${obstacles.length - mostTold} more.`);
  screen.say('It is for clusters in which nobody uses OpenTelemetry agents yet.');
}

const mostTold = 10;

function announce(screen: Screen, destination: Destination, titles: readonly string[]): void {
  const { context, mayRestart } = destination;
  screen.say(`This is created in ${context}, and nothing else is touched:`);
  for (const title of titles) screen.say(`  ${title}`);
  const kept = mayRestart ? 'a Lease, a Secret and Events' : 'a Lease and Events';
  screen.say(`The program runs on this machine. It keeps ${kept} in these namespaces too.`);
  screen.say(
    mayRestart
      ? 'It restarts the Deployments in the namespace shop, and observes all else. It can only do so if the API server reaches localhost of this machine.'
      : 'It only observes: nothing is restarted. With --restart the shop is.',
  );
  screen.say('Ctrl-C takes all of it away. Should the demo be killed, this does:');
  for (const line of farewell(destination)) screen.say(`  ${line}`);
}

/** Every command names the cluster it is for: nobody is to break another one by it. */
const flagsFor = ({ context, kubeconfig }: Destination) =>
  kubeconfig === undefined
    ? `--context ${context}`
    : `--kubeconfig ${kubeconfig} --context ${context}`;

function farewell(destination: Destination): readonly string[] {
  const { mayRestart } = destination;
  const kubectl = `kubectl ${flagsFor(destination)} delete`;
  return [
    ...(mayRestart
      ? [
          `${kubectl} mutatingwebhookconfiguration otel-retrofit`,
          `${kubectl} validatingwebhookconfiguration otel-retrofit`,
        ]
      : []),
    `${kubectl} namespace ${namespaces.join(' ')}`,
    `${kubectl} crd instrumentations.opentelemetry.io`,
  ];
}

interface Cast {
  readonly screen: Screen;
  readonly guests: Guests;
  readonly product: Product;
  readonly signal: AbortSignal;
  readonly destination: Destination;
}

async function tell(cast: Cast, instrument: () => Promise<void>): Promise<void> {
  const { screen, guests, product, signal, destination } = cast;
  const { mayRestart } = destination;
  const port = await until({ signal }, () => product.ports()?.metricsPort);
  const verdicts = async () => {
    const all = await readVerdicts(port, 'shop');
    screen.show(boardOf(guests, all));
    return apps.map((app) => all.get(app));
  };
  await until({ signal }, async () => (await verdicts()).every((one) => one !== undefined));
  screen.say('\notel-retrofit is up. Nothing can be injected yet: no Instrumentation says how.');
  screen.say('The Instrumentation comes, after the pods.');
  await until({ signal }, () => served(instrument));
  const wanted = mayRestart ? 'current' : 'held';
  await until({ signal }, async () => (await verdicts()).every((one) => one?.verdict === wanted));
  screen.say(
    mayRestart
      ? '\nEvery pod has its agent.'
      : '\nEvery pod lacks the agent it asks for, and each workload says so. With --restart they would be restarted, one after the other.',
  );
  const { pagePort } = product.ports() ?? {};
  screen.say('\nIt goes on running. Look around from another terminal:');
  screen.say(`  http://127.0.0.1:${pagePort}/`);
  screen.say(`  npx retrofit doctor deployment/cart -n shop ${flagsFor(destination)}`);
  screen.say(`  kubectl ${flagsFor(destination)} -n shop describe deployment cart`);
  screen.say('\nCtrl-C ends it and takes away what it has created.');
  await until({ signal }, async () => {
    await verdicts();
    return false;
  });
}

/** Waits until the shop is at work. What keeps it waiting is told, each thing once. */
async function arrival({ screen, guests, signal }: Pick<Cast, 'screen' | 'guests' | 'signal'>) {
  const told = new Set<string>();
  await until({ signal }, () => {
    for (const one of guests.hindrances()) {
      if (!told.has(one)) screen.say(`  ${one}`);
      told.add(one);
    }
    return guests.isReady();
  });
}

/** A kind that is new is served a moment after it is created. */
async function served(create: () => Promise<void>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (['NotFound', 'KindAbsent'].includes(faultOf(error).key)) return false;
    throw error;
  }
}

async function leave(
  screen: Screen,
  destination: Destination,
  left: readonly string[],
): Promise<void> {
  if (left.length === 0) {
    screen.say('\nAll of it is gone again.');
    return;
  }
  screen.say(`\nThis could not be taken away: ${left.join(', ')}. Run:`);
  for (const line of farewell(destination)) screen.say(`  ${line}`);
}

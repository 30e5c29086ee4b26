import { createClient, type Client } from '../../../controller/kube/client.ts';
import type { KubeObject } from '../../../controller/kube/resource.ts';
import { FakeApi, type Reply, type Request } from '../../support/faults/api.ts';
import { seededDice } from '../../support/faults/settle.ts';
import { instantly, Machine, simulatedTransport, World } from '../../support/faults/simulation.ts';

export interface Scene {
  readonly world: World;
  readonly machine: Machine;
  readonly api: FakeApi;
  readonly client: Client;
  /** Answers instead of the API, or loses the question where it says "lost". */
  answerWith: (request: Request) => Reply | 'lost' | undefined;
  /** Lets time pass until it is done. */
  readonly done: <T>(promise: Promise<T>) => Promise<T>;
  /** What was asked for, as `METHOD path`. */
  readonly asked: () => readonly string[];
}

/** An API server and one machine, in a time that passes only when told to. */
export function aScene(): Scene {
  const world = new World();
  const machine = new Machine(world);
  const api = new FakeApi();
  let lost = false;
  const transport = simulatedTransport(machine, api, {
    ...instantly,
    reply: (request) => {
      const said = scene.answerWith(request);
      lost = said === 'lost';
      return said === 'lost' ? gone : said;
    },
    back: () => (lost ? undefined : 0),
  });
  const client = createClient(transport, { time: machine, dice: seededDice(3) });
  const scene: Scene = {
    world,
    machine,
    api,
    client,
    answerWith: () => undefined,
    done: async (promise) => {
      let isOver = false;
      const over = () => (isOver = true);
      promise.then(over, over);
      await world.pass(600_000, () => isOver);
      return promise;
    },
    asked: () => api.requests.map(({ method, path }) => `${method} ${path}`),
  };
  return scene;
}

/** Its text is never read. */
const gone: Reply = { kind: 'answer', code: 500, headers: {}, text: '' };

export const aDeployment = (api: FakeApi, name = 'cart'): KubeObject =>
  api.put('apps/deployments', name, {
    spec: {
      replicas: 2,
      template: {
        metadata: { annotations: { 'shop.example/version': '1' } },
        spec: { containers: [{ name: 'app', image: 'cart:1' }] },
      },
    },
  });

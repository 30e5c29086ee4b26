import { openService, type Service } from '../../../cli/demo/shop/services.ts';
import type { Kubelet } from '../../../sandbox/kubelet/kubelet.ts';
import type { Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import { until } from '../../cluster/until.ts';
import { make, type Plane } from '../../journeys/stage/plane.ts';
import { isReady } from '../../journeys/stage/stage.ts';
import type { App, AppName } from './apps.ts';
import { deploymentsOf, twinOf } from './deployments.ts';

/** Which services are to run, and where. */
export interface Plan {
  readonly namespace: string;
  readonly apps: readonly App[];
  /** Whether each has a twin beside it that does not hear of its agent. */
  readonly withTwins: boolean;
}

export interface Answer {
  readonly code: number;
  readonly text: string;
}

export interface Shop {
  /** Asks a service; in the place of one of them its twin may serve, also for those behind. */
  ask(app: AppName, path: string, deaf?: AppName): Promise<Answer>;
  /** Those that run. */
  readonly pods: readonly Pod[];
  stop(): Promise<void>;
}

const patienceMs = 240_000;

/** Runs the services, each to be reached at one address whoever serves there. */
export async function buildShop({ api }: Plane, kubelet: Kubelet, plan: Plan): Promise<Shop> {
  const { namespace, apps, withTwins } = plan;
  let deaf: AppName | undefined;
  let pods: readonly Pod[] = [];
  const addressesOf = (name: AppName) => () =>
    pods
      .filter(({ metadata }) => metadata.labels?.['app'] === (name === deaf ? twinOf(name) : name))
      .map(({ metadata }) => kubelet.addressOf(metadata, 8080))
      .filter((address) => address !== undefined);
  const services = new Map<AppName, Service>();
  for (const { name } of apps) services.set(name, await openService(addressesOf(name)));
  const urlOf = (name: AppName) => `http://${services.get(name)?.address ?? 'nobody'}`;

  for (const app of apps) {
    const { name, source, variable, own } = app;
    const kept = {
      metadata: { name },
      [source === 'secrets' ? 'stringData' : 'data']: { [variable]: own },
    };
    if (source !== 'none') await make(api, `/api/v1/namespaces/${namespace}/${source}`, kept);
    const env = Object.entries(app.asks).map(([key, asked]) => ({
      name: key,
      value: urlOf(asked),
    }));
    for (const deployment of deploymentsOf(app, env, withTwins))
      await make(api, `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment);
  }
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const count = apps.length * (withTwins ? 2 : 1);
  pods = await until(
    async () => {
      const { body } = await api.call<{ readonly items: readonly Pod[] }>('GET', path);
      const ready = body.items.filter(isReady);
      return ready.length === count && ready;
    },
    { what: `all services of ${namespace} are ready`, timeoutMs: patienceMs },
  );
  return {
    async ask(app, asked, instead) {
      deaf = instead;
      const response = await fetch(`${urlOf(app)}${asked}`, { headers: { connection: 'close' } });
      return { code: response.status, text: await response.text() };
    },
    pods,
    async stop() {
      await Promise.all([...services.values()].map((service) => service.stop()));
    },
  };
}

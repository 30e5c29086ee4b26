import { startSandbox } from '../../sandbox/start.ts';
import { install } from '../loop/installation.ts';
import { populate } from '../loop/population.ts';
import { answerAll } from '../loop/talk.ts';
import { podsPerWorkload } from '../sandbox/deployment.ts';

/*
 * The sandbox as a process of its own, with a cluster at rest in it. When it is asked to, it takes
 * all pods of each workload away but one.
 */

export interface Ready {
  readonly server: string;
  readonly kubeconfig: string;
  readonly caPem: string;
  readonly token: string;
}

const [, , workloads = '0'] = process.argv;
const size = Number(workloads);
const { api, server, kubeconfig, caPem, token } = await startSandbox({ lifecycles: false });
await install(api);
await populate(api, { workloads: size, observed: Math.floor(size / 10) });

answerAll(async () => {
  const { items = [] } = (await api.call('GET', '/api/v1/pods')).body;
  const spare = items.filter((_, index) => index % podsPerWorkload !== 0);
  for (const { metadata } of spare) {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    const { code } = await api.call('DELETE', path, { gracePeriodSeconds: 0 });
    if (code !== 200) throw new Error(`${path}: ${code}`);
  }
  return { left: items.length - spare.length };
});
const ready: Ready = { server, kubeconfig, caPem, token };
console.log(JSON.stringify(ready));

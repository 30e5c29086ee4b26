import { startSandbox } from '../../sandbox/start.ts';
import { install } from '../loop/installation.ts';
import { populate } from '../loop/population.ts';
import { answerAll } from '../loop/talk.ts';
import { podsPerWorkload } from '../sandbox/deployment.ts';

/*
 * The sandbox as a process of its own, with a cluster at rest in it. When it is asked to, it scales
 * each workload down to one pod.
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
    await done('DELETE', path, { gracePeriodSeconds: 0 });
  }
  for (const plural of ['deployments', 'replicasets']) await scaleDown(plural);
  return { left: items.length - spare.length };
});

/** What is said of them says that they have one pod each. */
async function scaleDown(plural: string): Promise<void> {
  const group = '/apis/apps/v1';
  const { items = [] } = (await api.call('GET', `${group}/${plural}`)).body;
  for (const { metadata, status = {} } of items) {
    const path = `${group}/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
    const counts = Object.keys(status).filter((key) => /replicas$/i.test(key));
    await done('PATCH', path, { spec: { replicas: 1 } });
    await done('PATCH', `${path}/status`, {
      status: Object.fromEntries(counts.map((key) => [key, 1])),
    });
  }
}

async function done(verb: string, path: string, body: object): Promise<void> {
  const type = 'application/merge-patch+json';
  const { code } = await api.call(verb, path, body, { type });
  if (code !== 200) throw new Error(`${verb} ${path}: ${code}`);
}

const ready: Ready = { server, kubeconfig, caPem, token };
console.log(JSON.stringify(ready));

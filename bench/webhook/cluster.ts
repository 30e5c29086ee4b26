import { startSandbox } from '../../sandbox/start.ts';
import { install, make } from '../loop/installation.ts';
import { instrumentationOf } from './instrumentations.ts';

/*
 * A cluster with many Instrumentations in it, as a process of its own. It says in one line where it
 * is.
 */

const [, , count = '0'] = process.argv;
const { api, kubeconfig } = await startSandbox({ lifecycles: false });
await install(api);
for (let index = 0; index < Number(count); index++) {
  const instrumentation = instrumentationOf(index);
  const { namespace } = instrumentation.metadata;
  await make(api, '/api/v1/namespaces', { metadata: { name: namespace } });
  const path = `/apis/opentelemetry.io/v1alpha1/namespaces/${namespace}/instrumentations`;
  await make(api, path, instrumentation);
}
console.log(JSON.stringify({ kubeconfig }));

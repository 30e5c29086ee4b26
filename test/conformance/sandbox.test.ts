import { startSandbox } from '../../sandbox/start.ts';
import { until } from '../cluster/until.ts';
import { holdFacts } from './run.ts';

holdFacts(async () => {
  const sandbox = await startSandbox();
  return {
    ...sandbox,
    hasControllers: true,
    async createNamespace(name) {
      const { api } = sandbox;
      await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(async () => (await api.call('GET', account)).code === 200, { what: account });
    },
    forget: async () => sandbox.forget(),
  };
});

import { holdFacts } from '../../conformance/run.ts';
import { startCluster } from '../start.ts';

const token = 'conformance';

holdFacts(async () => {
  const user = { token, user: 'conformance', groups: ['system:masters'] };
  const cluster = await startCluster({ tokens: [user] });
  return { ...cluster, token, forget: cluster.restartApiServer };
});

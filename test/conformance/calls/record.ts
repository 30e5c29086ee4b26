import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../cluster/start.ts';
import { kubeconfigOf } from '../../cluster/plane/flags.ts';
import { understandsTheServer } from '../../controller/kube/real/access.cluster.ts';
import {
  followEverything,
  lifecyclesAtWork,
  tellTheStory,
  withKubelet,
  type Stage,
} from './actors.ts';
import { summaryOf, type Calls } from './call.ts';
import { startRecorder } from './recorder.ts';

/*
 * Writes calls.json: what the product, kubectl in the story of the demonstration, a kubelet and the
 * lifecycles of workloads ask of an API server: the first three of a real one, behind a recorder.
 */
const token = 'conformance';
const user = { token, user: 'conformance', groups: ['system:masters'] };
const cluster = await startCluster({ tokens: [user] });
const recorder = await startRecorder(cluster);
const directory = await mkdtemp(join(tmpdir(), 'retrofit-record-'));
const parties: Record<string, Calls> = {};
const heardOf = async (party: string, deed: () => Promise<void>) => {
  recorder.heard.splice(0);
  await deed();
  parties[party] = summaryOf(recorder.heard);
};
try {
  const { server, caPem } = recorder;
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigOf({ server, caPem, token }));
  const kubectl: Stage['kubectl'] = (args, stdin = '') =>
    cluster.kubectl([`--kubeconfig=${kubeconfig}`, ...args], { stdin });
  const aside: Stage['kubectl'] = (args, stdin = '') => cluster.kubectl(args, { stdin });
  const stage = { server, caPem, token, kubeconfig, kubectl };
  await heardOf('product', async () => {
    await understandsTheServer(stage);
    await followEverything(stage);
  });
  // The other party goes past the recorder, so that each is heard alone.
  await withKubelet({ ...stage, server: cluster.server, caPem: cluster.caPem }, () =>
    heardOf('kubectl', () => tellTheStory(stage)),
  );
  await heardOf('kubelet', () =>
    withKubelet(stage, () => tellTheStory({ ...stage, kubectl: aside })),
  );
  parties['lifecycles'] = summaryOf(await lifecyclesAtWork());
} finally {
  await recorder.stop();
  await cluster.stop();
  await rm(directory, { recursive: true });
}
await writeFile(join(import.meta.dirname, 'calls.json'), `${JSON.stringify(parties, null, 2)}\n`);

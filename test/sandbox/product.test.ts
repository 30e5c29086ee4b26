import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startSandbox, type Sandbox } from '../../sandbox/start.ts';
import {
  cacheSurvives,
  leaseChangesHands,
  understandsTheServer,
  type RealCluster,
} from '../controller/kube/real/access.cluster.ts';
import { chosenSeed } from '../support/dice.ts';

let sandbox: Sandbox;
let directory: string;
let cluster: RealCluster;

test.before(async () => {
  sandbox = await startSandbox();
  directory = await mkdtemp(join(tmpdir(), 'retrofit-sandbox-'));
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, sandbox.kubeconfig);
  const { server, caPem } = sandbox;
  cluster = { server, caPem, kubeconfig, restartApiServer: async () => sandbox.forget() };
});

test.after.always(async () => {
  await sandbox.stop();
  await rm(directory, { recursive: true });
});

test('the access of the product makes every call, and tells every refusal apart', async (t) => {
  await understandsTheServer(cluster);
  t.pass();
});

test('the lease of the product changes hands, and one at most holds it', async (t) => {
  await leaseChangesHands(cluster, 3);
  t.pass();
});

test('a cache of the product survives all faults and restarts with nothing missed and nothing of the past', async (t) => {
  t.timeout(300_000);
  const hardship = { changes: 2_000, restarts: 20, seed: chosenSeed() };
  const endured = await cacheSurvives(cluster, hardship);
  t.log({ ...hardship, ...endured });
  t.true(endured.objects > 0);
});

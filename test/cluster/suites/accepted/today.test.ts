import test, { type TestFn } from 'ava';
import type { Cluster } from '../../cluster.ts';
import { isOurs } from '../../plane/ours.ts';
import { startCluster } from '../../start.ts';
import { instrumentationsAreStored } from './definition.ts';
import { injectedPodsAreTaken } from './injected.ts';
import { nobodyIsTurnedAway } from './never-turned-away.ts';

let cluster: Cluster;
const where = () => cluster;

/** What is accepted the API server decides alone. */
test.serial.before(async () => {
  cluster = await startCluster(isOurs ? { controllers: false, roles: false } : {});
});

test.after.always(() => cluster?.stop());

instrumentationsAreStored(test.serial as TestFn, where, 'today');
injectedPodsAreTaken(where);
nobodyIsTurnedAway(where);

import anyTest from 'ava';
import type { Cluster } from '../../cluster.ts';
import { isOurs, test } from '../../plane/ours.ts';
import { startCluster } from '../../start.ts';
import { instrumentationsAreStored } from './definition.ts';

let cluster: Cluster;

anyTest.before(async () => {
  if (!isOurs) return;
  cluster = await startCluster({ controllers: false, roles: false, emulated: '1.33' });
});

anyTest.after.always(() => cluster?.stop());

instrumentationsAreStored(test, () => cluster, 'as 1.33');

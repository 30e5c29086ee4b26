import { isDeepStrictEqual } from 'node:util';
import { startCluster } from '../../../cluster/start.ts';
import { recordOf, writeRecords, type Record } from './orders.ts';
import { stories } from './stories.ts';
import { furnishNodes, tellAll } from './tell.ts';

/** `node test/sandbox/lifecycles/stories/record.ts` asks the real controllers again, several times, and keeps what they do. */
const rounds = 8;

const cluster = await startCluster({});
const api = cluster.adminClient;
const release = await furnishNodes({ api });
try {
  const tellings = [];
  for (let round = 0; round < rounds; round++) {
    console.log(`round ${round + 1} of ${rounds}`);
    tellings.push(await tellAll({ api, quietMs: 400 }, `story-${round}`));
  }
  const records = new Map<string, Record>();
  for (const { title } of stories) {
    const orders = tellings.flatMap((telling) => telling.get(title) ?? []);
    const record = recordOf(orders);
    records.set(title, record);
    const unusual = orders.filter(({ rests }) => !isDeepStrictEqual(rests, record.rests));
    for (const { rests } of unusual) console.log(`not as usual: ${title}\n  ${rests.join('\n  ')}`);
  }
  writeRecords(records);
} finally {
  release();
  await cluster.stop();
}

import test from 'ava';
import { startSandbox, type Sandbox } from '../../../../sandbox/start.ts';
import { offences, readRecords } from './orders.ts';
import { stories } from './stories.ts';
import { furnishNodes, tell } from './tell.ts';

const records = readRecords();
let sandbox: Sandbox;
let release: () => void;

test.before(async () => {
  sandbox = await startSandbox();
  release = await furnishNodes(sandbox);
});

test.after.always(async () => {
  release?.();
  await sandbox?.stop();
});

for (const [index, story] of stories.entries()) {
  test(`${story.title}: state follows state as with the real controllers`, async (t) => {
    const record = records[story.title] ?? { rests: [], states: [], steps: '' };
    const order = await tell({ api: sandbox.api, quietMs: 80 }, story, `story-${index}`);
    t.deepEqual(offences(order, record), []);
  });
}

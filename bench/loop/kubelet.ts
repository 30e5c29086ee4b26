import { readFile } from 'node:fs/promises';
import { startKubelet } from '../../sandbox/kubelet/kubelet.ts';
import { createClient, type Access } from '../../test/cluster/plane/client.ts';

/** Says of every pod that it is ready, as a process of its own. */
const [, , file = ''] = process.argv;
const api = createClient(JSON.parse(await readFile(file, 'utf8')) as Access);
await startKubelet({ api, mode: 'status-only' });
console.log('ready');

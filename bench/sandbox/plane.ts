import { startKubelet } from '../../sandbox/kubelet/kubelet.ts';
import { startSandbox } from '../../sandbox/start.ts';

/** The embedded control plane with a kubelet that says of every pod that it is ready, as one process. */
const { api, server, caPem, token } = await startSandbox();
await startKubelet({ api, mode: 'status-only' });
console.log(JSON.stringify({ server, caPem, token }));

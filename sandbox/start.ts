import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Admission } from './admission.ts';
import type { Api } from './api.ts';
import { createAuthority, type Identity, type Subject } from './certificates.ts';
import type { User } from './objects/calls.ts';
import { Kinds } from './objects/definitions.ts';
import { createApi, createHttps, type Request } from './server.ts';
import { Store } from './store.ts';
import { Tokens } from './verbs/subresources.ts';

export interface SandboxOptions {
  /** What time it is, in objects and answers. Default: the machine's. */
  readonly clock?: () => Date;
  /** Whether workloads get their pods. Default: yes. */
  readonly lifecycles?: boolean;
  /** `status-only`: every pod is Ready at once, and nothing runs. Default: none. */
  readonly kubelet?: 'none' | 'status-only';
  /** How many writes of each kind a watch can make up for. Default: 10,000. */
  readonly window?: number;
}

/** A small Kubernetes for development and tests: on the loopback, in memory, for nobody else. */
export interface Sandbox {
  readonly server: string;
  readonly caPem: string;
  /** The text of a kubeconfig. */
  readonly kubeconfig: string;
  readonly token: string;
  /** In-process, as `system:admin`. */
  readonly api: Api;
  apiAs(user: string, groups?: readonly string[]): Api;
  /** A client certificate: the user is the subject's name. */
  issue(subject: Subject): Identity;
  /** The newest last, the older of many forgotten. */
  requests(): readonly Request[];
  /** As a restart of the server does it: no watch goes on from the past. */
  forget(): void;
  stop(): Promise<void>;
}

const admin: User = { name: 'system:admin', groups: ['system:masters', 'system:authenticated'] };
const keptRequests = 10_000;

export async function startSandbox({ clock = () => new Date(), window = 10_000 }: SandboxOptions = {}): Promise<Sandbox> {
  const store = new Store(window);
  const admission = new Admission(store);
  const kinds = new Kinds(store, clock);
  const tokens = new Tokens();
  const office = { store, admission, kinds, tokens, now: clock };
  const requests: Request[] = [];
  const record = (request: Request) => {
    requests.push(request);
    if (requests.length >= 2 * keptRequests) requests.splice(0, keptRequests);
  };
  const door = { office, record };
  const token = randomBytes(16).toString('hex');
  tokens.add(token, admin);
  const api = createApi(door, admin);
  await furnish(store, api);
  const authority = createAuthority(clock());
  const own = authority.issue({ name: 'kube-apiserver', addresses: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'] });
  const https = createHttps(door, { ...own, authority: authority.certificate });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const server = `https://127.0.0.1:${(https.address() as AddressInfo).port}`;
  return {
    server,
    caPem: authority.certificate,
    kubeconfig: kubeconfigOf(server, authority.certificate, token),
    token,
    api,
    apiAs: (name, groups = []) => createApi(door, { name, groups: [...groups, 'system:authenticated'] }),
    issue: (subject) => authority.issue(subject),
    requests: () => requests.slice(-keptRequests),
    forget: () => store.forget(),
    async stop() {
      https.closeAllConnections();
      admission.close();
      await new Promise((resolve) => https.close(resolve));
    },
  };
}

/** What every cluster has: its namespaces, each with the account that pods run as. */
async function furnish(store: Store, api: Api): Promise<void> {
  store.of('namespaces').follow(({ type, object: { metadata } }) => {
    if (type === 'ADDED') void api.call('POST', `/api/v1/namespaces/${metadata.name}/serviceaccounts`, { metadata: { name: 'default' } });
  });
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  }
}

/** JSON is YAML, and kubectl reads it. */
function kubeconfigOf(server: string, caPem: string, token: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'admin' } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

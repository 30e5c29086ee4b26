import type { AddressInfo } from 'node:net';
import { Admission } from './admission.ts';
import type { Api } from './api.ts';
import { createAuthority, type Identity, type Subject } from './certificates.ts';
import { createApi } from './inside.ts';
import { runLifecycles } from './lifecycles/run.ts';
import { Kinds } from './objects/definitions.ts';
import { createHttps, type Door, type Request } from './server.ts';
import { Store } from './store.ts';
import { Pages } from './verbs/reads.ts';
import { Tokens } from './verbs/tokens.ts';

export interface SandboxOptions {
  /** What time it is, in objects and answers. Default: the machine's. */
  readonly clock?: () => number;
  /** Whether workloads get their pods. Default: yes. */
  readonly lifecycles?: boolean;
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
  /** As a restart of the server does it: every watch ends, and none goes on from the past. */
  forget(): void;
  stop(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock = Date.now, lifecycles = true, window = 10_000 } = options;
  const now = () => new Date(clock());
  const store = new Store(window);
  const office = {
    store,
    pages: new Pages(),
    admission: new Admission(store),
    kinds: new Kinds(store),
    tokens: new Tokens(),
    now,
  };
  const { record, recorded } = openLog();
  const apiAs = (name: string, groups: readonly string[] = []) =>
    createApi({ office, record }, { name, groups: [...groups, 'system:authenticated'] });
  const api = apiAs('system:admin', ['system:masters']);
  const token = office.tokens.add({ name: 'system:admin', groups: ['system:masters'] });
  // TLS goes by the machine's clock.
  const authority = createAuthority(new Date());
  const caPem = authority.certificate;
  await furnish(store, api, caPem);
  const { server, close } = await listen({ office, record }, caPem, authority.issue(ownSubject));
  const running = lifecycles
    ? [runLifecycles({ api: apiAs('system:kube-controller-manager'), store, now: clock })]
    : [];
  return {
    server,
    caPem,
    kubeconfig: kubeconfigOf(server, caPem, token),
    token,
    api,
    apiAs,
    issue: (subject) => authority.issue(subject),
    requests: recorded,
    forget() {
      store.forget();
      office.pages.forget();
      store.close();
    },
    async stop() {
      for (const one of running) one.stop();
      store.close();
      office.admission.close();
      await close();
    },
  };
}

const keptRequests = 10_000;

function openLog() {
  const requests: Request[] = [];
  return {
    record: (request: Request) => {
      requests.push(request);
      if (requests.length >= 2 * keptRequests) requests.splice(0, keptRequests);
    },
    recorded: () => requests.slice(-keptRequests),
  };
}

const ownSubject = {
  name: 'kube-apiserver',
  addresses: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'],
};

async function listen(door: Door, authority: string, own: Identity) {
  const https = createHttps(door, own, authority);
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      https.close(resolve);
      https.closeAllConnections();
    });
  return { server: `https://127.0.0.1:${(https.address() as AddressInfo).port}`, close };
}

/** What every cluster has: its namespaces, each with the account that pods run as and the authority they trust. */
async function furnish(store: Store, api: Api, caPem: string): Promise<void> {
  store.of('namespaces').follow(({ type, object: { metadata } }) => {
    if (type !== 'ADDED') return;
    const path = `/api/v1/namespaces/${metadata.name}`;
    const authority = { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': caPem } };
    void api.call('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
    void api.call('POST', `${path}/configmaps`, authority);
  });
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  }
}

/** JSON is YAML, and kubectl reads it. */
function kubeconfigOf(server: string, caPem: string, token: string): string {
  const authority = Buffer.from(caPem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'admin' } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

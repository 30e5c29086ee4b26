import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Answer, Client, Resource } from './plane/client.ts';
import type { Program } from './plane/programs.ts';
import { until } from './until.ts';

/** One answer of the API server, as its audit log tells it. */
export interface AuditLine {
  readonly auditID: string;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: {
    readonly username: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Somebody other than the almighty user: by client certificate or by token. */
export type Someone =
  | { readonly user: string; readonly groups?: readonly string[] }
  | { readonly token: string };

export interface SignedIn {
  readonly client: Client;
  /** The path of a kubeconfig that is theirs. */
  readonly kubeconfig: string;
}

/** What a control plane can do by itself, be it ours or somebody's. */
export interface Plane {
  /** An existing cluster is not ours to restart, and its audit log not ours to read. */
  readonly origin: 'ours' | 'existing';
  /** Whether workloads get their pods: without a controller manager they do not. */
  readonly hasControllers: boolean;
  readonly server: string;
  readonly caPem: string;
  /** A folder for this run; it goes when the cluster stops. */
  readonly directory: string;
  /** The path of the almighty user's kubeconfig. */
  readonly kubeconfig: string;
  readonly adminClient: Client;
  /** Its client is closed when the cluster stops. */
  readonly signIn: (who: Someone) => Promise<SignedIn>;
  readonly auditLines: () => Promise<readonly AuditLine[]>;
  readonly programs: () => readonly Program[];
  /** As a cluster does it: open watches get a second, then it comes back on the same port. */
  readonly restartApiServer: () => Promise<void>;
  /** As a crash does it; `restartApiServer` brings it back. */
  readonly killApiServer: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A control plane, and what nearly every test asks of it. */
export interface Cluster extends Plane {
  /** Ready for pods: its `default` ServiceAccount is there. */
  readonly createNamespace: (name: string) => Promise<void>;
  readonly serviceAccountToken: (namespace: string, name: string) => Promise<string>;
  /** The answer to the create, warnings and all; by then its objects are served. */
  readonly installCrd: (yamlPath: string) => Promise<Answer<Resource>>;
  readonly kubectl: (
    args: readonly string[],
    options?: { readonly stdin?: string },
  ) => Promise<Printed>;
}

export function furnish(plane: Plane, kubectl: string): Cluster {
  return {
    ...plane,
    createNamespace: (name) => createNamespace(plane, name),
    serviceAccountToken: (namespace, name) => requestToken(plane.adminClient, namespace, name),
    installCrd: (yamlPath) => installCrd(plane.adminClient, yamlPath),
    kubectl: (args, { stdin = '' } = {}) => runKubectl(plane, [kubectl, ...args], stdin),
  };
}

async function createNamespace(plane: Plane, name: string): Promise<void> {
  await created(plane.adminClient, '/api/v1/namespaces', { metadata: { name } });
  await ensureDefaultAccount(plane, name);
}

/**
 * Pods are refused until it is there. Who comes first makes it, we or the controller, which sees to
 * one namespace at a time and keeps those waiting that come while it is busy.
 */
export async function ensureDefaultAccount(plane: Plane, namespace: string): Promise<void> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const account = { metadata: { name: 'default' } };
  await until(
    async () => [201, 409].includes((await plane.adminClient.call('POST', accounts, account)).code),
    { what: `namespace ${namespace} has its default ServiceAccount` },
  );
}

interface TokenRequest extends Resource {
  readonly status: { readonly token: string };
}

async function requestToken(client: Client, namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  return (await created<TokenRequest>(client, path, { spec: {} })).body.status.token;
}

interface CustomResourceDefinition extends Resource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Established is not yet served: for a moment its storage answers 429. */
async function installCrd(client: Client, yamlPath: string): Promise<Answer<Resource>> {
  const definition = parse(await readFile(yamlPath, 'utf8')) as CustomResourceDefinition;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const answer = await created(client, `${definitions}?fieldValidation=Strict`, definition);

  const { group, names, versions } = definition.spec;
  const served = versions.filter((version) => version.served);
  await until(
    async () => {
      const { body } = await client.call<CustomResourceDefinition>(
        'GET',
        `${definitions}/${definition.metadata.name}`,
      );
      const isEstablished = body.status?.conditions?.some(
        ({ type, status }) => type === 'Established' && status === 'True',
      );
      if (isEstablished !== true) return false;
      const lists = served.map(({ name }) =>
        client.call('GET', `/apis/${group}/${name}/${names.plural}`),
      );
      return (await Promise.all(lists)).every(({ code }) => code === 200);
    },
    { what: `${definition.metadata.name} is established and served` },
  );
  return answer;
}

/** A step every test stands on: what refuses it is shown whole. */
async function created<T = Resource>(
  client: Client,
  path: string,
  body: object,
): Promise<Answer<T>> {
  const answer = await client.call<T>('POST', path, body);
  if (answer.code === 201) return answer;
  throw new Error(`POST ${path}: ${answer.code} ${JSON.stringify(answer.body)}`);
}

/** Programs in Go that live for a moment: to look for memory they could give back takes half of it. */
export const keepingAll = { GOGC: 'off', GOMAXPROCS: '1' };

function runKubectl(plane: Plane, command: readonly string[], stdin: string): Promise<Printed> {
  const [file = 'kubectl', ...args] = command;
  const env = {
    ...process.env,
    KUBECONFIG: plane.kubeconfig,
    KUBECACHEDIR: plane.directory,
    KUBERC: 'off', // nobody's own preferences
    ...keepingAll,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (typeof error?.code === 'string') reject(error);
        else resolve({ code: error?.code ?? 0, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => {}); // kubectl may end without reading it
    child.stdin?.end(stdin);
  });
}

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binaries } from '../binaries.ts';
import type { AuditLine, Plane, Someone } from '../cluster.ts';
import { until } from '../until.ts';
import { createAuthority, createTokenKey, type Authority } from './certificates.ts';
import { createClient, type Access, type Client } from './client.ts';
import {
  apiServerFlags,
  auditPolicy,
  controllerManagerFlags,
  etcdFlags,
  kubeconfigOf,
  type Layout,
} from './flags.ts';
import { freePorts, openKeeper, type Keeper, type Program } from './programs.ts';

export interface OwnOptions {
  /** A minor to speak for, such as `1.33`, with the feature gates it had. */
  readonly emulated?: '1.33' | '1.34' | '1.35';
  /** Default: as soon as there is a controller manager. */
  readonly controllers?: boolean;
  /** Default: yes. Where nobody is asked who may do what, no roles are laid out at each start. */
  readonly roles?: boolean;
  /** For the API server. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Static tokens, for users who need no certificate. */
  readonly tokens?: readonly StaticToken[];
}

export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly groups?: readonly string[];
}

/** Starts etcd, an API server and its controllers, on the loopback, in a folder of their own. */
export async function startPlane(binaries: Binaries, options: OwnOptions): Promise<Plane> {
  const directory = await mkdtemp(join(tmpdir(), 'retrofit-cluster-'));
  const keeper = openKeeper(directory);
  const members: Client[] = [];
  const stop = async () => {
    await Promise.all(members.map((client) => client.close()));
    await keeper.end();
  };
  try {
    const layout = await layOut(directory, options);
    const almighty = almightyToken();
    const signIn = await openOffice(layout, [almighty, ...(options.tokens ?? [])], members);
    const admin = await signIn(almighty);

    keeper.run('etcd', binaries.etcd, etcdFlags(layout));
    const apiServer = apiServerOf(binaries, keeper, layout, admin.client);
    await apiServer.restartApiServer();
    const { controllerManager } = binaries;
    const hasControllers = controllerManager !== undefined && options.controllers !== false;
    if (hasControllers) {
      const program = keeper.run(
        'kube-controller-manager',
        controllerManager,
        controllerManagerFlags(layout),
      );
      await readiness(program, admin.client, '/api/v1/namespaces/default/serviceaccounts/default');
    }
    return {
      origin: 'ours',
      hasControllers,
      server: serverOf(layout),
      caPem: await readFile(layout.file('ca.crt'), 'utf8'),
      directory,
      kubeconfig: admin.kubeconfig,
      adminClient: admin.client,
      signIn,
      auditLines: () => readAuditLines(layout),
      programs: () => keeper.running(),
      ...apiServer,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layOut(
  directory: string,
  { emulated, featureGates = {}, roles = true }: OwnOptions,
): Promise<Layout> {
  const [etcdPort = 0, apiPort = 0, controllerPort = 0] = await freePorts(3);
  const emulation = emulated === undefined ? {} : { emulated };
  const file = (name: string) => join(directory, name);
  return { file, etcdPort, apiPort, controllerPort, roles, featureGates, ...emulation };
}

const serverOf = ({ apiPort }: Layout) => `https://127.0.0.1:${apiPort}`;

/** Issues all that the programs identify themselves with, and then whoever signs in. */
async function openOffice(
  layout: Layout,
  tokens: readonly StaticToken[],
  members: Client[],
): Promise<Plane['signIn']> {
  const authority = createAuthority(new Date());
  const write = (name: string, text: string) => writeFile(layout.file(name), text);
  const access = { server: serverOf(layout), caPem: authority.certificate };
  const server = authority.issue({
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '10.0.0.1'],
  });
  const controllers = authority.issue({ commonName: 'system:kube-controller-manager' });
  await write('ca.crt', authority.certificate);
  await write('server.crt', server.certificate);
  await write('server.key', server.key);
  await write('tokens.key', createTokenKey());
  await write('tokens.csv', tokens.map(tokenLine).join(''));
  await write('audit-policy.json', JSON.stringify(auditPolicy));
  await write('controller-manager.kubeconfig', kubeconfigOf({ ...access, ...controllers }));

  return async (who) => {
    const theirs = { ...access, ...credentialsOf(who, authority) };
    const kubeconfig = layout.file(`user-${members.length}.kubeconfig`);
    const client = createClient(theirs);
    members.push(client);
    await writeFile(kubeconfig, kubeconfigOf(theirs));
    return { client, kubeconfig };
  };
}

function credentialsOf(who: Someone, authority: Authority): Partial<Access> {
  if ('token' in who) return who;
  return authority.issue({ commonName: who.user, organizations: who.groups ?? [] });
}

/** With a token, for an API server looks into a certificate anew at each call. */
const almightyToken = (): StaticToken => ({
  token: randomUUID(),
  user: 'retrofit-test-admin',
  groups: ['system:masters'],
});

const tokenLine = ({ token, user, groups = [] }: StaticToken) =>
  `${token},${user},${user},"${groups.join(',')}"\n`;

type ApiServer = Pick<Plane, 'restartApiServer' | 'killApiServer'>;

function apiServerOf(
  binaries: Binaries,
  keeper: Keeper,
  layout: Layout,
  client: Client,
): ApiServer {
  let program: Program | undefined;
  return {
    async restartApiServer() {
      const path = program === undefined ? '/readyz' : readyAgain;
      if (program?.hasEnded() === false) await program.stop(10_000);
      program = keeper.run('kube-apiserver', binaries.apiServer, apiServerFlags(layout));
      await readiness(program, client, path);
    },
    async killApiServer() {
      await program?.kill();
    },
  };
}

/** What the first start has laid out is there, and is only gone over once more, which takes a second. */
const laidOut = ['rbac/bootstrap-roles', 'scheduling/bootstrap-system-priority-classes'];
const readyAgain = `/readyz?${laidOut.map((name) => `exclude=poststarthook/${name}`).join('&')}`;

/** Waits until the path is there; a program that has ended will not get ready any more. */
async function readiness(program: Program, client: Client, path: string): Promise<void> {
  const state = await until(
    async () => {
      if (program.hasEnded()) return 'ended';
      const { code } = await client.call('GET', path);
      return code === 200 && 'ready';
    },
    { what: `${program.name} is ready` },
  );
  if (state === 'ended') throw new Error(`${program.name} has ended:\n${program.lastLines()}`);
}

/** The last line may be half written, by a request that is still under way. */
async function readAuditLines({ file }: Layout): Promise<readonly AuditLine[]> {
  const lines = (await readFile(file('audit.log'), 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditLine);
}

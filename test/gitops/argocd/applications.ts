import type { AuditLine, Cluster } from '../../cluster/cluster.ts';
import { until } from '../../cluster/until.ts';
import { call, type Item } from '../../journeys/support/ground.ts';
import { writesOf } from '../live/audit.ts';
import { argoUser, namespace } from './programs.ts';
import type { Repository } from './repository.ts';

export interface Application extends Item {
  readonly spec: { readonly syncPolicy: { readonly syncOptions?: readonly string[] } };
  /** There while a sync is about to begin. */
  readonly operation?: object;
  readonly status?: {
    readonly sync?: { readonly status: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly resources?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
      readonly status?: string;
      readonly health?: { readonly status?: string; readonly message?: string };
    }[];
    readonly operationState?: {
      readonly phase: string;
      readonly startedAt: string;
      readonly message?: string;
      readonly syncResult?: { readonly revision?: string };
    };
    readonly history?: readonly { readonly id: number }[];
  };
}

const applications = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications`;

export const readApplication = (cluster: Cluster, name: string): Promise<Application> =>
  call<Application>(cluster, 'GET', `${applications}/${name}`);

/** What an Application says of its syncs, beside that they come by themselves. */
export interface Policy {
  readonly syncOptions?: readonly string[];
  readonly retry?: { readonly limit: number; readonly refresh: boolean };
}

/** An Application of one folder, which syncs, prunes and heals by itself. */
export const follow = (
  cluster: Cluster,
  { url }: Repository,
  folder: string,
  policy: Policy = {},
): Promise<unknown> =>
  call(cluster, 'POST', applications, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: folder },
    spec: {
      project: 'default',
      source: { repoURL: url, targetRevision: 'main', path: folder },
      destination: { server: 'https://kubernetes.default.svc', namespace: folder },
      syncPolicy: { automated: { prune: true, selfHeal: true }, ...policy },
    },
  });

export const createApplication = (cluster: Cluster, application: object): Promise<unknown> =>
  call(cluster, 'POST', applications, application);

/** As its owner changes what it says of its syncs. */
export const adopt = (cluster: Cluster, name: string, syncPolicy: Policy): Promise<unknown> =>
  call(cluster, 'PATCH', `${applications}/${name}`, { spec: { syncPolicy } });

const refreshKey = 'argocd.argoproj.io/refresh';

/** Makes Argo CD compare anew; a hard refresh renders the manifests anew, too. */
export async function refresh(
  cluster: Cluster,
  name: string,
  kind: 'normal' | 'hard' = 'normal',
): Promise<Application> {
  await call(cluster, 'PATCH', `${applications}/${name}`, {
    metadata: { annotations: { [refreshKey]: kind } },
  });
  return untilSaid(cluster, name, {
    what: 'compared anew',
    condition: ({ metadata }) => metadata.annotations?.[refreshKey] === undefined,
  });
}

/** Waits until Argo CD has applied this commit, and finds nothing left to do. */
export async function untilSynced(
  cluster: Cluster,
  name: string,
  revision: string,
): Promise<Application> {
  await refresh(cluster, name);
  return untilSaid(cluster, name, {
    what: `applied ${revision}`,
    condition: (one) => isAt(one, revision) && !isAtWork(one),
  });
}

/** Waits until Argo CD has applied this commit, whatever it then finds. */
export async function untilApplied(
  cluster: Cluster,
  name: string,
  revision: string,
): Promise<Application> {
  await refresh(cluster, name);
  return untilSaid(cluster, name, {
    what: `applied ${revision}`,
    condition: ({ status }) =>
      status?.operationState?.phase === 'Succeeded' &&
      status.operationState.syncResult?.revision === revision,
  });
}

const isAt = ({ status }: Application, revision: string) =>
  status?.sync?.status === 'Synced' && status.sync.revision === revision;

const isAtWork = ({ operation, status }: Application) =>
  operation !== undefined || status?.operationState?.phase === 'Running';

interface Saying {
  readonly what: string;
  readonly condition: (one: Application) => boolean;
}

/** What Argo CD says of itself instead is most of what there is to know of a failure. */
export async function untilSaid(
  cluster: Cluster,
  name: string,
  { what, condition }: Saying,
): Promise<Application> {
  try {
    return await until(
      async () => {
        const one = await readApplication(cluster, name);
        return condition(one) && one;
      },
      { what: `Argo CD has ${what}` },
    );
  } catch (cause) {
    const { operation, status } = await readApplication(cluster, name);
    throw new Error(`Argo CD says of ${name}: ${JSON.stringify({ operation, status })}`, { cause });
  }
}

/** What is not as Git has it, such as `Deployment cart`. */
export const outOfSync = ({ status }: Application): readonly string[] =>
  (status?.resources ?? [])
    .filter((one) => one.status !== 'Synced')
    .map(({ kind, name }) => `${kind} ${name}`);

/** Of the first resource of this kind. */
export const healthOf = ({ status }: Application, kind: string) =>
  status?.resources?.find((one) => one.kind === kind)?.health;

/** What Argo CD has written, but for what it says of itself. */
export async function argoWrites(
  cluster: Cluster,
  since: number,
  within?: string,
): Promise<readonly AuditLine[]> {
  const which = { by: argoUser, since, ...(within === undefined ? {} : { namespace: within }) };
  return (await writesOf(cluster, which)).filter(
    ({ objectRef }) => objectRef?.namespace !== namespace,
  );
}

/** As a person who presses the button: all is applied once more, as the Application says. */
export async function resync(cluster: Cluster, name: string): Promise<void> {
  const before = await until(() => ordered(cluster, name), { what: `${name} is told to sync` });
  await untilSaid(cluster, name, {
    what: 'applied all once more',
    condition: (one) => !isAtWork(one) && syncsOf(one) > before,
  });
}

/** Nobody else's sync is under way then; says how many there were before. */
async function ordered(cluster: Cluster, name: string): Promise<number | undefined> {
  const one = await readApplication(cluster, name);
  if (isAtWork(one)) return undefined;
  const { syncOptions } = one.spec.syncPolicy;
  const sync = { prune: true, revision: one.status?.sync?.revision, syncOptions };
  const { resourceVersion } = one.metadata;
  await call(cluster, 'PATCH', `${applications}/${name}`, {
    metadata: { resourceVersion },
    operation: { initiatedBy: { username: 'a-person' }, sync },
  });
  return syncsOf(one);
}

const syncsOf = ({ status }: Application) => status?.history?.at(-1)?.id ?? -1;

/** Alone, or with all that it has applied, as Argo CD's own command does it. */
export async function drop(cluster: Cluster, name: string, how?: 'cascade'): Promise<void> {
  const path = `${applications}/${name}`;
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  if (how === 'cascade') await call(cluster, 'PATCH', path, { metadata: { finalizers } });
  await call(cluster, 'DELETE', path);
  await until(async () => (await cluster.adminClient.call('GET', path)).code === 404, {
    what: `Argo CD has let go of ${name}`,
  });
}

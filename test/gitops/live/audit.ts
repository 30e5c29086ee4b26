import type { AuditLine, Cluster } from '../../cluster/cluster.ts';

/** A point in the audit log, to look at what came after it. */
export const markIn = async (cluster: Cluster): Promise<number> =>
  (await cluster.auditLines()).length;

const isWrite = ({ verb }: AuditLine) => !['get', 'list', 'watch'].includes(verb);

/** Whoever asks how it would be writes nothing. */
export const isTried = ({ requestURI }: AuditLine) => /[?&]dryRun=All/.test(requestURI);

export interface Which {
  /** Of a user. */
  readonly by: string;
  readonly since?: number;
  readonly namespace?: string;
  readonly resources?: readonly string[];
}

/** What somebody has really written, in order. */
export async function writesOf(
  cluster: Cluster,
  { by, since = 0, namespace, resources }: Which,
): Promise<readonly AuditLine[]> {
  const lines = (await cluster.auditLines()).slice(since);
  return lines.filter((line) => {
    const { user, objectRef: { resource = '', namespace: place } = {} } = line;
    if (user.username !== by || !isWrite(line) || isTried(line)) return false;
    if (namespace !== undefined && place !== namespace) return false;
    return resources === undefined || resources.includes(resource);
  });
}

/** Such as `patch deployments shop/cart`. */
export const told = ({ verb, objectRef = {} }: AuditLine): string => {
  const { resource, subresource, namespace, name } = objectRef;
  const kind = [resource, subresource].filter((part) => part !== undefined).join('/');
  return `${verb} ${kind} ${[namespace, name].filter((part) => part !== undefined).join('/')}`;
};

/** The name under which a write is kept in `managedFields`. */
export const managerOf = ({ requestURI }: AuditLine): string | undefined =>
  new URL(requestURI, 'https://api.example').searchParams.get('fieldManager') ?? undefined;

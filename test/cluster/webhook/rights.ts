import type { AuditLine } from '../cluster.ts';
import type { Manifest } from './installation.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Everything that the roles of an account, which bear its name, allow, a line each: `patch secrets otel-retrofit/otel-retrofit-certificates`. */
export function granted(manifests: readonly Manifest[], account: string): ReadonlySet<string> {
  const roles = manifests.filter(
    ({ kind, metadata }) =>
      (kind === 'ClusterRole' || kind === 'Role') && metadata.name === account,
  );
  return new Set(
    roles.flatMap((role) => {
      const { namespace } = role.metadata as { readonly namespace?: string };
      const { rules } = role as unknown as { readonly rules: readonly Rule[] };
      return rules.flatMap((rule) => linesOf(rule, namespace));
    }),
  );
}

const linesOf = (
  { apiGroups, resources, verbs, resourceNames = [''] }: Rule,
  namespace: string | undefined,
) =>
  verbs.flatMap((verb) =>
    resources.flatMap((resource) =>
      apiGroups.flatMap((group) =>
        resourceNames.map((name) => lineOf(verb, { group, resource, namespace, name })),
      ),
    ),
  );

/**
 * Everything that was done and allowed, in the same words; a name counts where the role names one, and
 * a namespace where it is not a role for all of them.
 */
export function used(
  lines: readonly AuditLine[],
  rights: ReadonlySet<string>,
): ReadonlySet<string> {
  return new Set(
    lines.map(({ verb, objectRef = {} }) => {
      const { apiGroup: group = '', subresource, namespace, name } = objectRef;
      const parts = [objectRef.resource, subresource].filter((part) => part !== undefined);
      const thing = { group, resource: parts.join('/'), namespace };
      const named = lineOf(verb, { ...thing, name });
      const anywhere = lineOf(verb, { ...thing, namespace: undefined });
      const granting = [named, lineOf(verb, thing), anywhere].find((line) => rights.has(line));
      return granting ?? named;
    }),
  );
}

interface Thing {
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

function lineOf(verb: string, { group, resource, namespace, name }: Thing): string {
  const place = [namespace, name].filter((part) => part !== undefined && part !== '').join('/');
  const kind = group === '' ? resource : `${resource}.${group}`;
  return [verb, kind, place].filter((part) => part !== '').join(' ');
}

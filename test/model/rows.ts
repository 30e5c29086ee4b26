/**
 * The rows of the compatibility table that change what a pod gets. Where several could explain a
 * difference, the ones further up are left out first.
 */
export const rows = [
  'one-bad-language',
  'no-orphans',
  'names-per-language',
  'lenient-lists',
  'own-container',
  'one-mode',
  'switched-off-first',
  'already-injected',
  'static-pods',
  'owners-from-names',
  'maker-uid',
  'rollouts',
  'own-service-name',
  'own-attributes-win',
  'attributes-escaped',
  'attributes-by-reference',
  'attributes-stay',
  'helpers-first',
  'no-duplicates',
  'later-entry-counts',
  'empty-values',
  'reference-joined',
  'optional-reference',
  'hidden-environment',
  'agent-present',
  'protocol-follows-port',
  'unsupported-platform',
  'dotnet-arm64',
  'native-sidecars',
  'name-taken',
  'security-context-kept',
  'non-root-user',
  'pod-security',
  'resources-give-way',
  'invalid-settings',
  'tls-optional',
  'tls-dotted-names',
  'tls-file-without-place',
  'tls-volume-taken',
  'go-one-container',
  'go-unknown-container',
  'go-host-pid',
  'go-host-users',
  'go-non-root',
  'go-own-environment',
  'go-kernel-volume',
  'one-word',
  'configuration-mounts',
  'web-server-one-container',
  'web-servers-exclude',
  'web-server-own-environment',
  'nginx-volumes',
  'clone-environment',
] as const;

export type Row = (typeof rows)[number];

/** Rows that no pod here can show, and why. */
export const unseen: Readonly<Record<string, string>> = {
  'unknown-container': 'only what is said differs',
  'languages-on': 'what an installation switches off is part of each case',
  mark: 'marks are left out of the comparison',
  'endpoint-missing': 'only what is said differs',
  'never-denied': 'it is about what is no pod',
  'too-large': 'pods here are small',
  'deletions-pass': 'it is about Instrumentations',
  'details-survive': 'it depends on the Kubernetes library that the operator was built with',
  'limit-range': 'only an API server says with authority what a LimitRange allows',
  'profiler-kept': 'only what is said differs',
};

/** Says of a row whether our way is gone there. To be asked only where the ways part. */
export type Ours = (row: Row) => boolean;

/** Goes our way for some rows, and keeps in mind which rows came up at all. */
export function choose(chosen: Iterable<Row>): { readonly ours: Ours; readonly met: Set<Row> } {
  const mine = new Set(chosen);
  const met = new Set<Row>();
  const ours: Ours = (row) => {
    met.add(row);
    return mine.has(row);
  };
  return { ours, met };
}

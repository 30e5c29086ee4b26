import { verbOf } from './commands.ts';

const everywhere = ['namespace', 'context', 'kubeconfig', 'as', 'help'];
const writing = ['dry-run', 'field-manager', 'output'];
const choosing = ['selector', 'all', 'all-namespaces', 'field-selector'];
const reading = ['output', 'watch', 'show-managed-fields', 'sort-by', 'no-headers', 'show-labels'];
const files = ['filename', 'kustomize', 'recursive'];

/** The verbs that the pages use, and the flags that each of them knows. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  annotate: [...writing, ...choosing, ...files, 'overwrite', 'list'],
  apply: [...writing, ...files, 'server-side', 'force-conflicts', 'selector'],
  auth: ['list', 'quiet', 'all-namespaces', 'subresource'],
  create: [...writing, ...files, 'image', 'replicas', 'from-literal'],
  delete: [...choosing, ...files, 'wait', 'ignore-not-found', 'cascade', 'now'],
  describe: [...choosing, ...files, 'show-events'],
  events: [...choosing, 'for', 'types', 'output', 'watch'],
  explain: ['recursive', 'api-version', 'output'],
  get: [...choosing, ...reading, ...files, 'ignore-not-found', 'label-columns', 'raw'],
  kustomize: ['output', 'enable-helm'],
  label: [...writing, ...choosing, ...files, 'overwrite', 'list'],
  logs: ['tail', 'previous', 'follow', 'container', 'since', 'selector', 'all-containers'],
  patch: [...writing, ...files, 'patch', 'type', 'subresource'],
  'port-forward': ['address'],
  rollout: ['timeout', 'watch', 'to-revision', 'selector', 'revision', 'filename'],
  run: [...writing, 'image', 'restart', 'annotations', 'overrides'],
  scale: ['replicas', 'current-replicas', 'timeout', 'selector'],
  set: [...writing, 'selector', 'all', 'containers'],
  version: ['client', 'output'],
  wait: ['for', 'timeout', ...choosing, 'filename'],
};

const short: Readonly<Record<string, string>> = {
  n: 'namespace',
  f: 'filename',
  k: 'kustomize',
  o: 'output',
  l: 'selector',
  w: 'watch',
  A: 'all-namespaces',
};

/** What the second word of these names is one of these, and no resource. */
const seconds: Readonly<Record<string, readonly string[]>> = {
  rollout: ['status', 'restart', 'undo', 'pause', 'resume', 'history'],
  auth: ['can-i', 'whoami', 'reconcile'],
  set: ['env', 'image'],
};

const withResource = new Set(['annotate', 'delete', 'describe', 'get', 'label', 'patch', 'scale']);

/** Each in the singular and in the plural. */
const resources = new Set([
  ...both('instrumentation', 'deployment', 'statefulset', 'daemonset', 'replicaset', 'pod'),
  ...both('controllerrevision', 'namespace', 'node', 'secret', 'configmap', 'service', 'event'),
  ...both('lease', 'endpointslice', 'job', 'limitrange', 'poddisruptionbudget', 'serviceaccount'),
  ...both('clusterrole', 'clusterrolebinding', 'role', 'rolebinding'),
  ...both('mutatingwebhookconfiguration', 'validatingwebhookconfiguration'),
  ...both('validatingadmissionpolicybinding', 'customresourcedefinition'),
  'networkpolicy',
  'networkpolicies',
  'validatingadmissionpolicy',
  'validatingadmissionpolicies',
  'opentelemetrycollectors',
  ...'otelinst otelinsts ns deploy sts ds rs pdb ev svc netpol po cm crd'.split(' '),
]);

function both(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [name, `${name}s`]);
}

/** What kubectl would not understand of its words. */
export function unknownIn(words: readonly string[]): readonly string[] {
  const verb = verbOf(words);
  const flags = verbs[verb];
  if (flags === undefined) return [`the verb ${verb}`];
  const wrong = words
    .filter((word) => word.startsWith('-') && word !== '-' && word !== '--')
    .map((word) => word.replace(/^--?/, '').replace(/=.*$/s, ''))
    .filter((name) => ![...flags, ...everywhere].includes(short[name] ?? name))
    .map((name) => `the flag ${name} of ${verb}`);
  const rest = words.slice(words.indexOf(verb) + 1);
  const second = verbOf(rest);
  const known = seconds[verb];
  if (known && !known.includes(second)) return [...wrong, `${verb} ${second}`];
  const isNamed = withResource.has(verb) && second !== '';
  return [...wrong, ...(isNamed ? unknownResources(second) : [])];
}

const unknownResources = (word: string) =>
  word
    .replace(/\/.*$/, '')
    .split(',')
    .filter((name) => !resources.has(name))
    .map((name) => `the resource ${name}`);

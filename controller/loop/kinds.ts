import { names } from '../../crds/names.ts';
import type { Resource } from '../kube/resource.ts';

const named = (group: string, plural: string, version = 'v1'): Resource => ({
  group,
  version,
  plural,
  namespaced: plural !== 'namespaces',
});

/** Every kind the loop watches, by what it calls them. */
export const resources = {
  namespaces: named('', 'namespaces'),
  limitRanges: named('', 'limitranges'),
  instrumentations: named(names.group, 'instrumentations', names.version),
  deployments: named('apps', 'deployments'),
  statefulSets: named('apps', 'statefulsets'),
  daemonSets: named('apps', 'daemonsets'),
  replicaSets: named('apps', 'replicasets'),
  controllerRevisions: named('apps', 'controllerrevisions'),
  pods: named('', 'pods'),
  jobs: named('batch', 'jobs'),
  disruptionBudgets: named('policy', 'poddisruptionbudgets'),
} as const satisfies Record<string, Resource>;

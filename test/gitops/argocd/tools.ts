import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { placeOf as placeOfAnother } from '../tools.ts';

/** What Argo CD is made of here, each at the version that was looked at. */
export const tools = {
  /** The newest that is built from modules alone: later ones need a folder that is in none. */
  argocd: {
    module: 'github.com/argoproj/argo-cd/v3',
    command: 'github.com/argoproj/argo-cd/v3/cmd',
    version: 'v3.2.11',
  },
  kustomize: {
    command: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.8.2',
  },
  /** A package of Debian; which version is for the machine's package sources to say. */
  redis: { version: 'debian' },
} as const;

export type Tool = keyof typeof tools;

/** The folder of a tool, which is there when the tool is whole, beside the tools of other suites. */
export const placeOf = (tool: Tool): string =>
  join(placeOfAnother('glua'), '../..', `${tool}-${tools[tool].version}`);

export const isBuilt = (tool: Tool): boolean => existsSync(placeOf(tool));

/** What Argo CD is installed from, of the manifests in its own module. */
export const manifests = [
  'crds',
  'base/config',
  'base/application-controller-roles',
  'cluster-rbac/application-controller',
] as const;

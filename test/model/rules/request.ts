import { images } from '../../../config/images.ts';
import type {
  Agent,
  AgentSettings,
  Case,
  Container,
  Language,
  PodSpec,
  Settings,
  Volume,
} from '../case.ts';
import type { Ours } from '../rows.ts';

/** A pod's spec while it is being worked on. */
export interface Draft extends PodSpec {
  containers: Container[];
  initContainers: Container[];
  volumes: Volume[];
  shareProcessNamespace?: boolean;
}

export const draftOf = (spec: PodSpec): Draft => ({
  ...spec,
  containers: [...spec.containers],
  initContainers: [...(spec.initContainers ?? [])],
  volumes: [...(spec.volumes ?? [])],
});

/** One language for one pod. */
export interface Request {
  readonly one: Case;
  readonly draft: Draft;
  readonly language: Language;
  readonly settings: Settings;
  readonly list: readonly string[] | undefined;
  /** Variables that the pod says are hidden in `envFrom` and are to be joined. */
  readonly joinEnv: readonly string[];
  readonly ours: Ours;
}

const fields = {
  java: 'java',
  nodejs: 'nodejs',
  python: 'python',
  dotnet: 'dotnet',
  go: 'go',
  'apache-httpd': 'apacheHttpd',
  nginx: 'nginx',
} as const;

export const settingsOf = (settings: Settings, language: Language): AgentSettings =>
  language === 'sdk' ? {} : (settings[fields[language]] ?? {});

export const agentSettings = ({ settings, language }: Request) => settingsOf(settings, language);

export const imageFor = (request: Request) =>
  agentSettings(request).image || images[request.language as Agent];

export const isRegular = ({ containers }: Draft, name: string) =>
  containers.some((one) => one.name === name);

/** Regular containers are looked through first. */
export const find = ({ containers, initContainers }: Draft, name: string) =>
  containers.find((one) => one.name === name) ?? initContainers.find((one) => one.name === name);

export function replace(draft: Draft, next: Container): void {
  const swap = (one: Container) => (one.name === next.name ? next : one);
  if (isRegular(draft, next.name)) draft.containers = draft.containers.map(swap);
  else draft.initContainers = draft.initContainers.map(swap);
}

/** Init containers come last, but before a target that is one itself. */
export function insert(draft: Draft, added: readonly Container[], target: string): void {
  const index = isRegular(draft, target)
    ? draft.initContainers.length
    : draft.initContainers.findIndex(({ name }) => name === target);
  draft.initContainers.splice(index, 0, ...added);
}

const proxies = new Set([
  'istio-proxy',
  'linkerd-proxy',
  'otc-container',
  'vault-agent',
  'daprd',
  'queue-proxy',
]);

/** The container that is meant where no list says so: the first. */
export function ownContainer({ draft, ours }: Request): Container | undefined {
  const [first] = draft.containers;
  const application = draft.containers.find(({ name }) => !proxies.has(name)) ?? first;
  return application !== first && ours('own-container') ? application : first;
}

/** Init containers in the pod's order, then regular ones in the list's; unknown names are skipped. */
export function targetsOf(request: Request): readonly string[] {
  const { list, draft } = request;
  if (list === undefined) return [ownContainer(request)?.name ?? ''];
  const init = draft.initContainers
    .map(({ name }) => name)
    .filter((name) => list.includes(name) && !isRegular(draft, name));
  return [...init, ...list.filter((name) => isRegular(draft, name))];
}

export const isNativeSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always';

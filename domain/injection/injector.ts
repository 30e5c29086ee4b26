import { member, objectAt, type JsonObject } from '../json.ts';
import type { ReasonFor } from '../reasons.ts';
import { quantity } from './instrumentation/quantity.ts';
import type { AgentSettings, Language, SharedSettings } from './instrumentation/settings.ts';
import type { Ask, Refusal } from './match.ts';
import { findContainer, isInitContainer, type Draft } from './pod/draft.ts';
import { isNativeSidecar, type Container, type Pod } from './pod/shape.ts';
import type { Subject } from './sdk/attributes.ts';
import type { Owner } from './sdk/owners.ts';

/** One language, one pod: all that an injector may know. */
export interface Request {
  readonly ask: Ask;
  readonly pod: Pod;
  readonly namespace: string;
  readonly owners: readonly Owner[];
  readonly joinEnv: readonly string[];
  readonly image: string;
}

/** Said of something that was done all the same. */
export interface Note {
  readonly language: Language;
  readonly container: string;
  readonly reason: ReasonFor<'noted'>;
  readonly detail?: string;
}

/** What came of one language: the pod with it in the containers named, or as it was. */
export interface Attempt {
  readonly draft: Draft;
  readonly containers: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly notes: readonly Note[];
}

/** What a language must say about itself. */
export interface Injector {
  readonly inject: (draft: Draft, request: Request) => Attempt;
}

export function refuse(
  draft: Draft,
  { ask }: Request,
  reason: ReasonFor<'refused'>,
  about: { readonly container?: string; readonly detail?: string } = {},
): Attempt {
  return {
    draft,
    containers: [],
    refusals: [{ language: ask.language, reason, ...about }],
    notes: [],
  };
}

export function subjectOf(request: Request, container: Container): Subject {
  const { pod, namespace, owners, ask } = request;
  return { pod, namespace, owners, container, shared: ask.instrumentation.shared };
}

export interface Targets {
  /** Init containers in the pod's order, then the others in the list's. */
  readonly found: readonly string[];
  readonly refusals: readonly Refusal[];
}

/** Containers that other webhooks add and that run nothing of the user's. */
const proxies = new Set([
  'istio-proxy',
  'linkerd-proxy',
  'otc-container',
  'vault-agent',
  'daprd',
  'queue-proxy',
]);

/** The containers that are meant. A pod's own container is its first that is no known proxy. */
export function targetsOf({ ask, pod }: Request): Targets {
  const { containers: listed, language } = ask;
  if (listed === undefined) {
    const application = pod.containers.find(({ name }) => !proxies.has(name)) ?? pod.containers[0];
    return { found: application === undefined ? [] : [application.name], refusals: [] };
  }
  const regular = new Set(pod.containers.map(({ name }) => name));
  const wanted = new Set(listed);
  const init = pod.initContainers
    .map(({ name }) => name)
    .filter((name) => wanted.has(name) && !regular.has(name));
  const known = new Set([...regular, ...init]);
  return {
    found: [...init, ...listed.filter((name) => regular.has(name))],
    refusals: listed
      .filter((name) => !known.has(name))
      .map((name) => ({ language, reason: 'UnknownContainer' as const, container: name })),
  };
}

/**
 * For agents that serve one container of a pod: the first that is meant and fits. An ordinary init
 * container has run its course before the others start, so it never does.
 */
export function oneTargetOf(draft: Draft, request: Request) {
  const { language } = request.ask;
  const { found, refusals } = targetsOf(request);
  // The list's order decides, also where an init container runs on beside the others.
  const inOrder = (request.ask.containers ?? found).filter((name) => found.includes(name));
  const meant = inOrder.flatMap((name) => findContainer(draft, name) ?? []);
  const fits = (container: Container) =>
    isNativeSidecar(container) || !isInitContainer(draft, container.name);
  const [target, ...others] = meant.filter(fits);
  const refused =
    (reason: Refusal['reason']) =>
    ({ name: container }: Container): Refusal => ({ language, reason, container });
  return {
    target,
    refusals: [
      ...refusals,
      ...meant.filter((one) => !fits(one)).map(refused('InitContainerUnsupported')),
      ...others.map(refused('OneContainerOnly')),
    ],
  };
}

/** Where an agent's files lie. */
export function volumeSource({ volumeClaimTemplate, volumeLimitSize }: AgentSettings): JsonObject {
  return volumeClaimTemplate === undefined
    ? { emptyDir: { sizeLimit: volumeLimitSize ?? '200Mi' } }
    : { ephemeral: { volumeClaimTemplate } };
}

const defaultLimits = { cpu: '500m', memory: '256Mi' };

/**
 * What an injected container may use. A default never contradicts what was written: it gives way
 * to the limit or the request beside it. A pod with resources of its own for all containers gets none.
 */
export function resourcesFor(
  { limits, requests }: AgentSettings['resources'],
  usual: JsonObject,
  pod: Pod,
): JsonObject {
  if (sharesResources(pod)) return {};
  const filled = {
    limits: limits ?? within(defaultLimits, requests, Math.max),
    requests: requests ?? within(usual, limits, Math.min),
  };
  return { resources: filled };
}

/** An empty object, as some tools write it, says nothing. */
function sharesResources({ spec }: Pod): boolean {
  const resources = objectAt(spec, 'resources') ?? {};
  return ['limits', 'requests'].some(
    (field) => Object.keys(objectAt(resources, field) ?? {}).length > 0,
  );
}

function within(
  defaults: JsonObject,
  written: JsonObject | undefined,
  choose: (a: number, b: number) => number,
): JsonObject {
  if (written === undefined) return defaults;
  const entries = Object.entries(defaults).map(([name, amount]) => {
    const other = member(written, name);
    const mine = quantity(amount) ?? 0;
    const theirs = quantity(other);
    return [name, theirs === undefined || choose(mine, theirs) === mine ? amount : other];
  });
  return Object.fromEntries(entries) as JsonObject;
}

/** No user is named in the agents' images, so a pod that forbids root must be given another. */
const unprivilegedUser = 65_532;

export function securityContextFor(
  shared: SharedSettings,
  target: Container,
  pod: Pod,
): JsonObject {
  const chosen = shared.initContainerSecurityContext ?? objectAt(target, 'securityContext');
  const ofPod = objectAt(pod.spec, 'securityContext') ?? {};
  const effective = (key: string) => member(chosen ?? {}, key) ?? member(ofPod, key) ?? undefined;
  const needsUser = effective('runAsNonRoot') === true && effective('runAsUser') === undefined;
  if (needsUser) return { securityContext: { ...chosen, runAsUser: unprivilegedUser } };
  return chosen === undefined ? {} : { securityContext: chosen };
}

export const pullPolicy = ({ imagePullPolicy }: SharedSettings): JsonObject =>
  imagePullPolicy === undefined ? {} : { imagePullPolicy };

import type { JsonObject } from '../../json.ts';
import type { Container, Pod, Volume } from './shape.ts';

/** What a language wants to change in a pod; nothing of it happens unless the language succeeds. */
export interface Draft {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly shareProcessNamespace: boolean;
}

export const draftOf = ({ containers, initContainers, volumes }: Pod): Draft => ({
  containers,
  initContainers,
  volumes,
  shareProcessNamespace: false,
});

export function replaceContainer(draft: Draft, next: Container): Draft {
  const swap = (list: readonly Container[]) =>
    list.some(({ name }) => name === next.name)
      ? list.map((one) => (one.name === next.name ? next : one))
      : list;
  return {
    ...draft,
    containers: swap(draft.containers),
    initContainers: swap(draft.initContainers),
  };
}

export const findContainer = (draft: Draft, name: string) =>
  draft.containers.find((one) => one.name === name) ??
  draft.initContainers.find((one) => one.name === name);

export const isInitContainer = (draft: Draft, name: string) =>
  !draft.containers.some((one) => one.name === name);

export const findVolume = (draft: Draft, name: string) =>
  draft.volumes.find((volume) => volume.name === name);

export const addVolume = (draft: Draft, volume: Volume): Draft => ({
  ...draft,
  volumes: [...draft.volumes, volume],
});

/** Adds init containers where their files are needed: before a target that is one itself, else last. */
export function addInitContainers(
  draft: Draft,
  added: readonly Container[],
  firstTarget: string,
): Draft {
  const before = draft.containers.some(({ name }) => name === firstTarget)
    ? -1
    : draft.initContainers.findIndex(({ name }) => name === firstTarget);
  const index = before === -1 ? draft.initContainers.length : before;
  return { ...draft, initContainers: draft.initContainers.toSpliced(index, 0, ...added) };
}

/** The pod with a draft's changes; lists that did not change stay the very lists that arrived. */
export function finish(pod: Pod, draft: Draft): JsonObject {
  const { containers, initContainers, volumes } = pod;
  const spec: JsonObject = {
    ...pod.spec,
    ...(draft.containers === containers ? {} : { containers: draft.containers }),
    ...(draft.initContainers === initContainers ? {} : { initContainers: draft.initContainers }),
    ...(draft.volumes === volumes ? {} : { volumes: draft.volumes }),
    ...(draft.shareProcessNamespace ? { shareProcessNamespace: true } : {}),
  };
  return { ...pod.json, spec };
}

import { images } from '../../config/images.ts';
import { annotations as keys } from '../../crds/names.ts';
import { admit, type Admission } from '../../domain/injection/admit.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type {
  EnvEntry,
  Instrumentation,
  Language,
} from '../../domain/injection/instrumentation/settings.ts';
import type { Defaults, World } from '../../domain/injection/match.ts';
import { readLimitRange } from '../../domain/injection/pod/limit-range.ts';
import { mountsOf, readPod, type Container, type Pod } from '../../domain/injection/pod/shape.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import type { Owner } from '../../domain/injection/sdk/owners.ts';
import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../domain/json.ts';

/** Frozen all the way down: whoever changes what it was given throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** A container called app, with what differs. */
export const aContainer = (differences: JsonObject = {}): Container =>
  frozen({ name: 'app', image: 'registry.example/app:1.2.3', ...differences });

/** Members of `metadata` and of `spec` in one breath; all that is not said is usual. */
export function aPod(differences: JsonObject = {}): JsonObject {
  const { annotations = {}, labels = {}, metadata = {}, ...spec } = differences;
  return frozen({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'app-',
      annotations,
      labels,
      ...(isObject(metadata) ? metadata : {}),
    },
    spec: { containers: [aContainer()], ...spec },
  });
}

export function aReadPod(differences: JsonObject = {}): Pod {
  const pod = readPod(aPod(differences));
  if (pod === undefined) throw new Error('the builder made an unreadable pod');
  return pod;
}

/** The Instrumentation shop/main, with what its spec says. */
export function anInstrumentation(
  spec: JsonObject = {},
  { name = 'main', namespace = 'shop', ...metadata }: JsonObject = {},
): Instrumentation {
  const manifest = { metadata: { ...metadata, name, namespace }, spec };
  const read = readInstrumentation(frozen(manifest));
  if (read === undefined) throw new Error('the builder made an unreadable Instrumentation');
  return frozen(read);
}

export const theDefaults = (differences: Partial<Defaults> = {}): Defaults =>
  frozen({ images, disabled: [], ...differences });

/** The LimitRange `limits`, with what it says of containers or pods. */
export const aLimitRange = (...limits: readonly JsonObject[]): JsonObject =>
  frozen({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'limits', namespace: 'shop' },
    spec: { limits },
  });

export interface WorldDifferences {
  readonly instrumentations?: readonly Instrumentation[];
  readonly namespace?: string;
  /** On the namespace. */
  readonly annotations?: JsonObject;
  readonly labels?: JsonObject;
  /** As manifests. */
  readonly limitRanges?: readonly JsonObject[];
  readonly defaults?: Partial<Defaults>;
}

/** The namespace shop with the Instrumentation main in it. */
export const aWorld = ({
  instrumentations = [anInstrumentation()],
  namespace = 'shop',
  annotations = {},
  labels = {},
  limitRanges,
  defaults = {},
}: WorldDifferences = {}): World => ({
  namespace: frozen({
    name: namespace,
    annotations,
    labels,
    limits: limitRanges?.flatMap((json) => readLimitRange(json) ?? []),
  }),
  instrumentations: indexInstrumentations(instrumentations),
  defaults: theDefaults(defaults),
});

/** The annotations that ask for languages, each for "true". */
export const asking = (...languages: readonly Language[]): JsonObject =>
  Object.fromEntries(languages.map((language) => [keys.inject(language), 'true']));

export interface Scene {
  /** Members of the pod besides what asks. */
  readonly pod?: JsonObject;
  /** Of the pod's only container, unless `pod` lists its own. */
  readonly container?: JsonObject;
  /** Annotations of the pod besides the one that asks. */
  readonly annotations?: JsonObject;
  /** Of the Instrumentation. */
  readonly spec?: JsonObject;
  readonly owner?: Owner;
  readonly world?: WorldDifferences;
}

/** What becomes of a pod that asks for one language; nothing that goes in can be changed. */
export function admitted(language: Language, scene: Scene = {}): Admission {
  const { container = {}, annotations = {}, spec = {}, owner } = scene;
  const pod = aPod({
    containers: [aContainer(container)],
    ...scene.pod,
    annotations: { ...asking(language), ...annotations },
  });
  const world = aWorld({ instrumentations: [anInstrumentation(spec)], ...scene.world });
  return admit(pod, world, owner);
}

/** The pod that comes out; one that is left alone is not what the test meant. */
export function podOf(admission: Admission): Pod {
  const pod = admission.kind === 'untouched' ? undefined : readPod(admission.pod);
  if (pod === undefined) throw new Error(`no pod comes out: ${JSON.stringify(admission)}`);
  return pod;
}

export function containerOf(admission: Admission, name = 'app'): Container {
  const { containers, initContainers } = podOf(admission);
  const found = [...containers, ...initContainers].find((one) => one.name === name);
  if (found === undefined) throw new Error(`no container ${name} in ${JSON.stringify(admission)}`);
  return found;
}

/** The texts of a list: a command, its arguments. */
export const wordsOf = (container: JsonObject, key: 'command' | 'args'): readonly string[] =>
  (listAt(container, key) ?? []).filter((word) => typeof word === 'string');

/** Mounts as `volume path`, with `readOnly` behind those that are. */
export const mountsWritten = (container: Container): readonly string[] =>
  mountsOf(container).map(
    (mount) =>
      `${mount.name} ${textAt(mount, 'mountPath')}${mount['readOnly'] === true ? ' readOnly' : ''}`,
  );

/** An environment as a person would write it down: `NAME=value`, or `NAME from field`. */
export const written = (entries: readonly EnvEntry[]): readonly string[] =>
  entries.map((entry) => {
    const from = member(entry, 'valueFrom') ?? null;
    if (from === null) return `${entry.name}=${textAt(entry, 'value') ?? ''}`;
    const field = isObject(from) ? textAt(objectAt(from, 'fieldRef') ?? {}, 'fieldPath') : '';
    return `${entry.name} from ${field ?? JSON.stringify(from)}`;
  });

export const environmentOf = (admission: Admission, name = 'app'): readonly string[] =>
  written((listAt(containerOf(admission, name), 'env') ?? []) as readonly EnvEntry[]);

/** The value of a variable, or the field it comes from. */
export function valueOf(admission: Admission, variable: string, name = 'app'): string | undefined {
  const lines = environmentOf(admission, name);
  const line = lines.findLast((one) => one.startsWith(`${variable}=`));
  return (
    line?.slice(variable.length + 1) ??
    lines.findLast((one) => one.startsWith(`${variable} from `))?.slice(variable.length + 6)
  );
}

/** Refusals, or notes, as `reason container detail`. */
export const told = (
  items: readonly {
    readonly reason: string;
    readonly container?: string;
    readonly detail?: string;
  }[],
): readonly string[] =>
  items.map(({ reason, container, detail }) =>
    [reason, container, detail].filter((word) => word !== undefined && word !== '').join(' '),
  );

export const refusalsOf = (admission: Admission) =>
  told(admission.kind === 'untouched' ? [] : admission.refusals);

export const notesOf = (admission: Admission) =>
  told(admission.kind === 'injected' ? admission.notes : []);

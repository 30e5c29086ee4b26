import { annotations as keys } from '../../crds/names.ts';
import { textAt, type JsonObject } from '../json.ts';
import type { ReasonFor } from '../reasons.ts';
import { isForbidden, levelOf } from './instrumentation/security.ts';
import { languages, type Instrumentation, type Language } from './instrumentation/settings.ts';
import type { LimitRange } from './pod/limit-range.ts';
import { select, type Instrumentations } from './selector.ts';
import { digest } from './stamp.ts';

/** Everything around a pod that decides what it gets. */
export interface World {
  readonly namespace: {
    readonly name: string;
    readonly annotations: JsonObject;
    /** Absent where nobody knows them. */
    readonly labels?: JsonObject;
    /** Its LimitRanges; absent where there are none, or nobody knows them. */
    readonly limits?: readonly LimitRange[] | undefined;
  };
  readonly instrumentations: Instrumentations;
  readonly defaults: Defaults;
}

/** What this installation fills in where nobody said anything. */
export interface Defaults {
  readonly images: Readonly<Record<Exclude<Language, 'sdk'>, string>>;
  readonly disabled: readonly Language[];
}

/** One language that a pod asked for and an Instrumentation governs. */
export interface Ask {
  readonly language: Language;
  readonly instrumentation: Instrumentation;
  /** As written; absent means the pod's own container. */
  readonly containers: readonly string[] | undefined;
  /** Python's platform or the .NET runtime, as written. */
  readonly platform: string | undefined;
}

export interface Refusal {
  readonly language: Language;
  readonly reason: ReasonFor<'refused'>;
  readonly container?: string;
  /** The name, value or field that the reason is about. */
  readonly detail?: string;
}

export type Match =
  | { readonly kind: 'exempt'; readonly reason: 'NotAsked' | 'OptedOut' }
  | {
      readonly kind: 'asked';
      readonly asks: readonly Ask[];
      readonly refusals: readonly Refusal[];
      readonly joinEnv: readonly string[];
      /** Digest of what was asked, ours left out. */
      readonly asked: string;
      /** Digest of what this installation fills in for it. */
      readonly defaults: string;
    };

/** What a pod asked for: the Instrumentation that governs each language, or the reason there is none. */
export function match(annotations: JsonObject, world: World): Match {
  const effective = (key: string) => merge(annotations, world.namespace.annotations, key);
  const wanted: (readonly [Language, string])[] = [];
  let optedOut = false;
  for (const [language, key] of injectKeys) {
    const value = effective(key);
    if (value === undefined) continue;
    if (value.toLowerCase() === 'false') optedOut = true;
    else wanted.push([language, value]);
  }
  if (wanted.length === 0) return { kind: 'exempt', reason: optedOut ? 'OptedOut' : 'NotAsked' };

  const { disabled } = world.defaults;
  const answers = wanted.map(([language, value]) => ask(language, value, effective, world));
  const enabled = answers.filter(({ language }) => !disabled.includes(language));
  const asks = enabled.filter((answer) => 'instrumentation' in answer);
  const unlisted = enabled.length > 1 ? asks.filter(({ containers }) => !containers) : [];
  const joinEnv = splitList(effective(keys.joinEnv)) ?? [];
  return {
    kind: 'asked',
    asks: asks.filter((one) => !unlisted.includes(one)),
    refusals: [
      ...wanted
        .filter(([language]) => disabled.includes(language))
        .map(([language]) => ({ language, reason: 'LanguageDisabled' as const })),
      ...enabled.filter((answer) => 'reason' in answer),
      ...unlisted.map(({ language }) => ({ language, reason: 'ContainerNamesNeeded' as const })),
    ],
    joinEnv,
    asked: digest([answers.map(fingerprint), joinEnv]),
    defaults: digest(answers.map((answer) => filledIn(answer, world.defaults))),
  };
}

const injectKeys = languages.map((language) => [language, keys.inject(language)] as const);

/**
 * The value that counts when pod and namespace both speak. A name on the namespace outranks a bare
 * "true" on the pod; in all other cases the pod decides.
 */
export function merge(pod: JsonObject, namespace: JsonObject, key: string): string | undefined {
  const onPod = textAt(pod, key);
  const onNamespace = textAt(namespace, key);
  if (onPod === undefined || onNamespace === undefined) return onPod ?? onNamespace;
  const namesOne = !/^(?:true|false)$/i.test(onNamespace);
  return onPod.toLowerCase() === 'true' && namesOne ? onNamespace : onPod;
}

function ask(
  language: Language,
  value: string,
  effective: (key: string) => string | undefined,
  { namespace, instrumentations }: World,
): Ask | Refusal {
  const selection = select(value, namespace.name, instrumentations);
  if (selection.kind === 'none') {
    return { language, reason: selection.reason, detail: selection.detail };
  }
  const lists = [keys.containerNames, keys.languageContainerNames(language)].map(effective);
  const bad = lists.find((list) => list !== undefined && !isList(list));
  if (bad !== undefined) return { language, reason: 'ContainerListInvalid', detail: bad };
  const containers = lists.flatMap((list) => splitList(list) ?? []);
  const isListed = lists.some((list) => list !== undefined);
  if (isListed && containers.length === 0) return { language, reason: 'ContainerListInvalid' };
  if (isForbidden(levelOf(namespace.labels ?? {}), language, selection.instrumentation)) {
    return { language, reason: 'PodSecurityForbids' };
  }
  return {
    language,
    instrumentation: selection.instrumentation,
    containers: isListed ? [...new Set(containers)] : undefined,
    platform: effective(platformKey(language) ?? ''),
  };
}

function platformKey(language: Language): string | undefined {
  if (language === 'python') return keys.pythonPlatform;
  return language === 'dotnet' ? keys.dotnetRuntime : undefined;
}

const isList = (list: string) => list.length <= 2 ** 15 && /^[a-zA-Z0-9,\s-]+$/.test(list);

const splitList = (list: string | undefined) =>
  list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** What of an answer shapes pods: never the Instrumentation's name, so that a renamed one changes nothing. */
function fingerprint(answer: Ask | Refusal) {
  if ('reason' in answer) return [answer.language, answer.reason];
  const { language, instrumentation, containers, platform } = answer;
  return [language, instrumentation.digests[language], containers, platform];
}

/** An image that the Instrumentation names is not filled in: no release of ours changes such a pod. */
function filledIn(answer: Ask | Refusal, { images, disabled }: Defaults) {
  const { language } = answer;
  const isOff = disabled.includes(language);
  if ('reason' in answer || language === 'sdk') return [language, isOff];
  const { image } = answer.instrumentation.agents[language];
  return [language, isOff, image === undefined ? images[language] : null];
}

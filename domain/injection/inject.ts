import { objectAt, textAt, type JsonObject } from '../json.ts';
import { refuse, type Attempt, type Note, type Request } from './injector.ts';
import { isTooVague, levelOf } from './instrumentation/security.ts';
import type { Language } from './instrumentation/settings.ts';
import { injectors } from './languages.ts';
import type { Ask, Match, Refusal, World } from './match.ts';
import { draftOf, finish, type Draft } from './pod/draft.ts';
import { limitBroken } from './pod/limits.ts';
import { runsOnWindows } from './pod/platform.ts';
import { envOf, type Container, type Pod } from './pod/shape.ts';
import type { Owner } from './sdk/owners.ts';

/** A language that a pod got, and where from. */
export interface Given {
  readonly language: Language;
  readonly instrumentation: string;
  readonly containers: readonly string[];
}

export interface Injection {
  /** The pod as it arrived, if nothing was given. */
  readonly pod: JsonObject;
  readonly given: readonly Given[];
  readonly refusals: readonly Refusal[];
  readonly notes: readonly Note[];
}

export type Asked = Extract<Match, { kind: 'asked' }>;

/** Gives a pod every language it asked for that can be given; a refused one leaves no trace. */
export function inject(pod: Pod, asked: Asked, world: World, owners: readonly Owner[]): Injection {
  const given: Given[] = [];
  const refusals: Refusal[] = [...asked.refusals];
  const notes: Note[] = [];
  let draft = draftOf(pod);
  for (const ask of asked.asks) {
    const request = requestFor(ask, pod, world, { owners, joinEnv: asked.joinEnv });
    const made = () => bounded(draft, request, injectors[ask.language].inject(draft, request));
    const attempt = objection(draft, request, world) ?? limited(draft, request, made(), world);
    draft = attempt.draft;
    refusals.push(...attempt.refusals);
    notes.push(...attempt.notes);
    const { namespace, name } = ask.instrumentation;
    if (attempt.containers.length > 0) {
      given.push({
        language: ask.language,
        instrumentation: `${namespace}/${name}`,
        containers: attempt.containers,
      });
    }
  }
  return { pod: given.length === 0 ? pod.json : finish(pod, draft), given, refusals, notes };
}

function requestFor(
  ask: Ask,
  pod: Pod,
  { namespace, defaults }: World,
  rest: Pick<Request, 'owners' | 'joinEnv'>,
): Request {
  const { language, instrumentation } = ask;
  const image =
    language === 'sdk' ? '' : (instrumentation.agents[language].image ?? defaults.images[language]);
  return { ask, pod, namespace: namespace.name, image, ...rest };
}

/** So much work fits well into the time in which an API server expects an answer. */
const mostTargets = 200;
const mostEntries = 5_000;
/** Kubernetes allows a quarter of a megabyte. */
const mostAnnotations = 2 ** 18;

const annotationSize = ({ annotations }: Pod) =>
  Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + key.length + (typeof value === 'string' ? value.length : 0),
    0,
  );

/** What speaks against a language before its pod is looked at closely. */
function objection(
  draft: Draft,
  request: Request,
  { namespace: { labels = {} } }: World,
): Attempt | undefined {
  const { ask, pod } = request;
  const { language, instrumentation, containers = [] } = ask;
  const [problem] = instrumentation.problems[language];
  if (problem !== undefined) {
    return refuse(draft, request, 'InstrumentationInvalid', { detail: problem });
  }
  if (language !== 'sdk' && runsOnWindows(pod)) {
    return refuse(draft, request, 'UnsupportedPlatform', { detail: 'windows' });
  }
  const ofPod = objectAt(pod.spec, 'securityContext') ?? {};
  if (isTooVague(levelOf(labels), language, instrumentation, ofPod)) {
    return refuse(draft, request, 'PodSecurityForbids');
  }
  const settings = language === 'sdk' ? [] : instrumentation.agents[language].env;
  const entries = [...pod.containers, ...pod.initContainers].reduce(
    (sum, container) => sum + envOf(container).length,
    (settings.length + instrumentation.shared.env.length) * Math.max(1, containers.length),
  );
  const isTooMuch =
    containers.length > mostTargets ||
    entries > mostEntries ||
    annotationSize(pod) > mostAnnotations;
  return isTooMuch ? refuse(draft, request, 'TooLarge') : undefined;
}

/** What was done, unless the namespace would turn the pod away for it. */
function limited(
  draft: Draft,
  request: Request,
  attempt: Attempt,
  { namespace: { limits = [] } }: World,
): Attempt {
  if (limits.length === 0) return attempt;
  const detail = limitBroken({ before: draft, after: attempt.draft }, request.pod, limits);
  if (detail === undefined) return attempt;
  const refused = refuse(draft, request, 'LimitRangeForbids', { detail });
  return { ...refused, refusals: [...refused.refusals, ...attempt.refusals] };
}

/** No process starts with a longer variable, its name and the sign behind it included. */
const longestVariable = 2 ** 17 - 1;

function bounded(draft: Draft, request: Request, attempt: Attempt): Attempt {
  const known = new Set([...draft.containers, ...draft.initContainers]);
  const { containers, initContainers } = attempt.draft;
  const changed = [...containers, ...initContainers].filter((one) => !known.has(one));
  return changed.some((one) => envOf(one).some(isTooLong))
    ? refuse(draft, request, 'TooLarge')
    : attempt;
}

const isTooLong = (entry: Container) =>
  entry.name.length + 1 + (textAt(entry, 'value') ?? '').length > longestVariable;

import type { World } from '../../injection/match.ts';
import {
  isObject,
  listAt,
  member,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../json.ts';
import { decisionOf, type Decision, type Source } from '../gather.ts';

/**
 * Decides once for templates that are alike. In a large cluster most workloads are written by one
 * recipe: they differ in names, versions and settings, and none of these decides anything. Only for
 * one look at a cluster: each World is taken as it was when it was first seen.
 */
export function createDecisionOf(): (workload: Source, world: World) => Decision {
  const known = new Map<World, Map<string, Decision>>();
  return (workload, world) => {
    const outline = outlineOf(workload);
    if (outline === undefined) return decisionOf(workload, world);
    const here = known.get(world) ?? new Map<string, Decision>();
    known.set(world, here);
    const decision = here.get(outline) ?? decisionOf(workload, world);
    here.set(outline, decision);
    return decision;
  };
}

/**
 * A template without the texts that an agent is merely told: two with one outline are given the
 * same, or refused for the same reasons. Nothing for what is too long, since lengths have limits.
 */
export function outlineOf({ kind, name, template }: Source): string | undefined {
  if (name.length > longestText) return undefined;
  const metadata = objectAt(template, 'metadata') ?? {};
  const spec = objectAt(template, 'spec') ?? {};
  const outline = JSON.stringify([
    kind,
    { ...template, metadata: 0, spec: 0 },
    { ...metadata, labels: withoutTexts(member(metadata, 'labels')) },
    {
      ...spec,
      containers: containersOf(spec, 'containers'),
      initContainers: containersOf(spec, 'initContainers'),
    },
  ]);
  return outline.length > longestOutline ? undefined : outline;
}

/** Labels and versions are shorter: what is blanked can never make a variable too long. */
const longestText = 512;
const longestOutline = 10_000;

const isTold = (value: Json | undefined): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longestText;

function withoutTexts(labels: Json | undefined): Json | undefined {
  if (!isObject(labels)) return labels;
  const values = Object.values(labels);
  return values.every(isTold) ? Object.keys(labels) : labels;
}

function containersOf(spec: JsonObject, key: string): Json | undefined {
  return listAt(spec, key)?.map(outlineOfContainer) ?? member(spec, key);
}

function outlineOfContainer(container: Json): Json {
  if (!isObject(container)) return container;
  const image = member(container, 'image');
  const env = listAt(container, 'env')?.map(outlineOfVariable);
  return {
    ...container,
    ...(isTold(image) ? { image: 0 } : {}),
    ...(env === undefined ? {} : { env }),
  };
}

/** The name alone of a variable whose value nobody looks at. No entry that is none is a text itself. */
function outlineOfVariable(entry: Json): Json {
  if (!isObject(entry)) return [entry];
  const [name, value] = [textAt(entry, 'name'), member(entry, 'value')];
  const isPlain = name !== undefined && isTold(value) && Object.keys(entry).length === 2;
  return isPlain && !isReadByInjection(name) && !value.includes('$(') ? name : entry;
}

/** Where agents are switched on and told what to do, and where other agents are. */
export const isReadByInjection = (variable: string): boolean => readNames.test(variable);

const readNames = /^(?:OTEL|_?JAVA|JDK|CATALINA|NODE|PYTHON|DOTNET|CORECLR|LD|APACHE|NGINX)_?/i;

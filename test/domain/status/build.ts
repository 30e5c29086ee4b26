import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { plan, type Round } from '../../../domain/restart/plan.ts';
import type { ObservedInstrumentation } from '../../../domain/restart/records/instrumentation.ts';
import type { Judgement } from '../../../domain/restart/verdict.ts';
import { instrumentationsOf } from '../../../domain/restart/plan/round.ts';
import { statusJson, statusOf, type InstrumentationStatus } from '../../../domain/status/status.ts';
import type { Telling, Told } from '../../../domain/status/told.ts';
import { theDefaults } from '../../support/build.ts';
import { aRound, days, now, settledFor, wide } from '../restart/plan/build.ts';

export interface Scene {
  readonly judgements?: readonly Judgement[];
  readonly instrumentation?: ObservedInstrumentation;
  readonly webhook?: Telling['webhook'];
  readonly round?: Partial<Omit<Round, 'instrumentations' | 'judgements'>>;
}

export function aTelling({
  judgements = [],
  instrumentation = settledFor(days(1)),
  webhook = 'proven',
  round = {},
}: Scene = {}): Telling {
  const made = aRound(judgements, {
    instrumentations: [instrumentation],
    provenAt: webhook === 'proven' ? now : undefined,
    ...round,
  });
  return { plan: plan(made, wide), webhook, defaults: theDefaults(), now: made.now };
}

/** What is said of an Instrumentation, shop/main unless it is another, once a round is planned. */
export function statusIn(scene: Scene = {}): InstrumentationStatus {
  const { instrumentation = settledFor(days(1)) } = scene;
  const name = `${instrumentation.namespace}/${instrumentation.name}`;
  return statusOf(instrumentation, askingIn(scene, name), aTelling(scene));
}

/** Those that ask for it, each with the last word on it. */
export function askingIn(scene: Scene, name = 'shop/main'): readonly Told[] {
  const { verdicts } = aTelling(scene).plan;
  return (scene.judgements ?? [])
    .filter((judgement) => instrumentationsOf(judgement).includes(name))
    .map((judgement) => ({
      judgement,
      verdict: verdicts.get(judgement.key) ?? judgement.verdict,
    }));
}

/** The same Instrumentation after the status was written. */
export const toldOf = (
  instrumentation: ObservedInstrumentation,
  status: InstrumentationStatus,
): ObservedInstrumentation => ({ ...instrumentation, status: statusJson(status) });

export const conditionIn = (status: InstrumentationStatus, type: string) =>
  status.conditions.find((condition) => condition.type === type);

/** A condition as a person would say it: `True Served`. */
export function said(scene: Scene, type: string): string | undefined {
  const found = conditionIn(statusIn(scene), type);
  return found && `${found.status} ${found.reason}`;
}

/** Whether the schema of a CRD has a place for all of it; what has none would be pruned. */
export function pruned(value: unknown, schema: JsonObject, path = 'status'): readonly string[] {
  if (Array.isArray(value)) {
    const items = objectAt(schema, 'items') ?? {};
    const most = schema['maxItems'];
    const tooMany = typeof most === 'number' && value.length > most ? [`${path}: too many`] : [];
    return [...tooMany, ...value.flatMap((item) => pruned(item, items, `${path}[]`))];
  }
  if (!isObject(value)) return typeFaults(value, schema, path);
  const properties = objectAt(schema, 'properties');
  const others = objectAt(schema, 'additionalProperties');
  const missing = (listAt(schema, 'required') ?? [])
    .filter((key) => typeof key === 'string')
    .filter((key) => !(key in value))
    .map((key) => `${path}.${key} is missing`);
  const inner = Object.entries(value).flatMap(([key, member]) => {
    const its = (properties && objectAt(properties, key)) ?? others;
    return its ? pruned(member, its, `${path}.${key}`) : [`${path}.${key} has no place`];
  });
  return [...missing, ...inner];
}

function typeFaults(value: unknown, schema: JsonObject, path: string): readonly string[] {
  const type = textAt(schema, 'type');
  const pattern = textAt(schema, 'pattern');
  const choices = listAt(schema, 'enum');
  const isRight =
    (type === 'integer' && Number.isInteger(value)) || type === typeof value || type === undefined;
  const fits = pattern === undefined || new RegExp(pattern).test(String(value));
  const isChoice = choices === undefined || choices.includes(value as string);
  return isRight && fits && isChoice ? [] : [`${path}: ${String(value)}`];
}

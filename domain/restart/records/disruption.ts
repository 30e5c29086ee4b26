import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../json.ts';
import { countAt, identityOf, metadataOf, type Identity } from './metadata.ts';

/** How many pods of a selection their owner can do without right now. */
export interface DisruptionBudget extends Identity {
  readonly selector: Selector;
  readonly disruptionsAllowed: number;
}

export type Selector = readonly Requirement[];

export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export function readDisruptionBudget(json: unknown): DisruptionBudget | undefined {
  const metadata = metadataOf(json);
  if (!metadata || !isObject(json)) return undefined;
  const selector = objectAt(objectAt(json, 'spec') ?? {}, 'selector');
  return {
    ...identityOf(metadata),
    selector: selector ? readSelector(selector) : [nothing],
    disruptionsAllowed: countAt(objectAt(json, 'status') ?? {}, 'disruptionsAllowed'),
  };
}

/** A selector that says nothing selects all; without a selector nothing is selected. */
const nothing: Requirement = { key: '', operator: 'In', values: [] };

function readSelector(selector: JsonObject): Selector {
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  const expressions = (listAt(selector, 'matchExpressions') ?? []).filter(isObject);
  return [
    ...labels.map(([key, value]) => ({ key, operator: 'In', values: [value].filter(isText) })),
    ...expressions.map((one) => ({
      key: textAt(one, 'key') ?? '',
      operator: textAt(one, 'operator') ?? '',
      values: (listAt(one, 'values') ?? []).filter(isText),
    })),
  ];
}

const isText = (value: unknown): value is string => typeof value === 'string';

export const selects = (selector: Selector, labels: JsonObject): boolean =>
  selector.every((requirement) => isMet(requirement, labels));

/** An operator we do not know is of a newer API: better to see a budget too many than one too few. */
function isMet({ key, operator, values }: Requirement, labels: JsonObject): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const isListed = isText(value) && values.includes(value);
  if (operator === 'In') return isListed;
  if (operator === 'NotIn') return !isListed;
  if (operator === 'Exists') return value !== undefined;
  return operator !== 'DoesNotExist' || value === undefined;
}

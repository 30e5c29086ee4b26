import { at, fieldsOf, listOf, textOf, type Thing } from './json.ts';
import type { Kind } from './kinds.ts';
import { Refusal } from './refusals.ts';

export type Selector = (thing: Thing) => boolean;

/** What a list or a watch lets through; undefined: everything. */
export function selectorOf(kind: Kind, query: URLSearchParams): Selector | undefined {
  const labels = (query.get('labelSelector') ?? '').split(/,(?![^(]*\))/);
  const fields = (query.get('fieldSelector') ?? '').split(',');
  const tests = [
    ...labels.filter((part) => part.trim() !== '').map(labelTest),
    ...fields.filter((part) => part !== '').map((part) => fieldTest(kind, part)),
  ];
  return tests.length === 0 ? undefined : (thing) => tests.every((test) => test(thing));
}

const equality = /^\s*(?<key>[\w./-]+)\s*(?<sign>==|=|!=)\s*(?<values>[\w.-]*)\s*$/;
const membership = /^\s*(?<key>[\w./-]+)\s+(?<sign>in|notin)\s*\((?<values>[^()]*)\)\s*$/;
const presence = /^\s*(?<sign>!?)\s*(?<key>[\w./-]+)\s*$/;
const operators: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  '': 'Exists',
  '!': 'DoesNotExist',
};

function labelTest(part: string): Selector {
  const found = equality.exec(part) ?? membership.exec(part) ?? presence.exec(part);
  if (found === null) throw new Refusal(400, `unable to parse requirement: found '${part}'`);
  const { key = '', sign = '', values = '' } = found.groups ?? {};
  const wanted = values.split(',').map((value) => value.trim());
  const requirement = { key, operator: operators[sign], values: wanted };
  return ({ metadata }) => meets(requirement, metadata.labels ?? {});
}

/** Fields that a selector may name beside name and namespace. */
const selectable: Readonly<Record<string, RegExp>> = {
  Pod: /^(?:spec\.nodeName|status\.phase)$/,
  Event: /^(?:reason|type|involvedObject\.\w+)$/,
};

function fieldTest({ kind }: Kind, part: string): Selector {
  const [, path = '', operator, wanted] = /^(.*?)(!=|==?)(.*)$/.exec(part) ?? [];
  const isKnown = /^metadata\.name(?:space)?$/.test(path) || selectable[kind]?.test(path) === true;
  if (!isKnown) throw new Refusal(400, `field label not supported: ${path}`);
  return (thing) => (textOf(at(thing, path)) === wanted) !== (operator === '!=');
}

type Labels = Readonly<Record<string, unknown>>;

/** A LabelSelector object, as workloads and webhooks carry it; an empty one takes all. */
export function matchesLabels(selector: unknown, labels: Labels): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  const pairs = Object.entries(fieldsOf(matchLabels));
  return (
    pairs.every(([key, value]) => labels[key] === value) &&
    listOf(matchExpressions).every((one) => meets(fieldsOf(one), labels))
  );
}

function meets({ key, operator, values }: Labels, labels: Labels): boolean {
  const label = labels[textOf(key)];
  if (operator === 'Exists' || operator === 'DoesNotExist')
    return (label !== undefined) === (operator === 'Exists');
  return listOf(values).some((value) => value === label) === (operator === 'In');
}

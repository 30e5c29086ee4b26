import type { Kind } from './kinds.ts';
import { at, fieldsOf, listOf, textOf, type Thing } from './json.ts';
import { badRequest } from './refusals.ts';

export type Selector = (thing: Thing) => boolean;

/** What a list or a watch lets through; undefined: everything. */
export function selectorOf(kind: Kind, query: URLSearchParams): Selector | undefined {
  const tests = [
    ...labelTests(query.get('labelSelector') ?? ''),
    ...fieldTests(kind, query.get('fieldSelector') ?? ''),
  ];
  return tests.length === 0 ? undefined : (thing) => tests.every((test) => test(thing));
}

const requirement =
  /^\s*(?:(?<not>!)\s*(?<absent>[\w./-]+)|(?<key>[\w./-]+)(?:\s*(?<op>==|=|!=)\s*(?<value>[\w.-]*)|\s+(?<in>in|notin)\s*\((?<values>[^()]*)\))?)\s*$/;

function labelTests(text: string): readonly Selector[] {
  if (text.trim() === '') return [];
  return text.split(/,(?![^(]*\))/).map((part) => {
    const found = requirement.exec(part)?.groups;
    if (found === undefined) {
      throw badRequest(
        `unable to parse requirement: found '${part.trim()}', expected: a label, an operator and values`,
      );
    }
    const { not, absent = '', key = absent, op, value = '', in: among, values = '' } = found;
    if (op === undefined && among === undefined)
      return ({ metadata }) => (metadata.labels?.[key] === undefined) === (not !== undefined);
    const wanted = among === undefined ? [value] : values.split(',').map((one) => one.trim());
    const isNegative = op === '!=' || among === 'notin';
    return ({ metadata }) => {
      const label = metadata.labels?.[key];
      return (label !== undefined && wanted.includes(label)) !== isNegative;
    };
  });
}

function fieldTests(kind: Kind, text: string): readonly Selector[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, field = '', op, value = ''] = /^(.*?)(!=|==?)(.*)$/.exec(part) ?? [];
      if (op === undefined)
        throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
      const read = fieldReader(kind, field);
      return (thing: Thing) => (read(thing) === value) !== (op === '!=');
    });
}

function fieldReader(kind: Kind, field: string): (thing: Thing) => string {
  const place = kind.fields[field] ?? (always.includes(field) ? field : undefined);
  if (place === undefined) {
    throw badRequest(
      Object.keys(kind.fields).length > 0
        ? `field label not supported: ${field}`
        : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  if (place === 'status.podIPs')
    return (thing) => textOf(fieldsOf(listOf(at(thing, place))[0])['ip']);
  return (thing) => {
    const value = at(thing, place);
    return typeof value === 'boolean' ? String(value) : textOf(value);
  };
}

const always = ['metadata.name', 'metadata.namespace'];

/** A LabelSelector object, as workloads and webhooks carry it; an empty one takes all. */
export function matchesLabels(
  selector: unknown,
  labels: Readonly<Record<string, unknown>>,
): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  return (
    Object.entries(fieldsOf(matchLabels)).every(([key, value]) => labels[key] === value) &&
    listOf(matchExpressions).every((each) => meets(fieldsOf(each), labels))
  );
}

function meets(
  { key, operator, values }: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, unknown>>,
) {
  const label = labels[textOf(key)];
  const isAmong = label !== undefined && listOf(values).some((value) => value === label);
  switch (operator) {
    case 'In':
      return isAmong;
    case 'NotIn':
      return !isAmong;
    case 'Exists':
      return label !== undefined;
    default:
      return label === undefined;
  }
}

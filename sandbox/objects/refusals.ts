import type { Fields } from '../api.ts';
import type { Kind } from './kinds.ts';
import type { Fault } from './schema.ts';

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  500: 'InternalError',
  504: 'Timeout',
};

/** The answer is no: thrown wherever that is found out, sent as a Status. */
export class Refusal extends Error {
  readonly code: number;
  readonly status: Fields;

  constructor(code: number, message: string, more: Fields = {}) {
    super(message);
    this.code = code;
    const reason = reasons[code];
    const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
    this.status = { ...head, ...(reason && { reason }), ...more, code };
  }
}

type About = Pick<Kind, 'group' | 'plural'>;
const labelOf = ({ plural, group }: About) => (group === '' ? plural : `${plural}.${group}`);
const groupOf = ({ group }: Pick<Kind, 'group'>): Fields => (group === '' ? {} : { group });

/** A refusal that is about one object: `text` follows its name. */
export const refuse = (code: number, kind: About, name: string, text: string) =>
  new Refusal(code, `${labelOf(kind)} "${name}" ${text}`, {
    ...(text === exists && { reason: 'AlreadyExists' }),
    details: { name, ...groupOf(kind), kind: kind.plural },
  });

const exists = 'already exists';
export const alreadyExists = (kind: About, name: string) => refuse(409, kind, name, exists);
export const notFound = (kind: About, name: string) => refuse(404, kind, name, 'not found');

export const conflict = (kind: About, name: string, why: string = isModified) =>
  new Refusal(409, `Operation cannot be fulfilled on ${labelOf(kind)} "${name}": ${why}`, {
    details: { name, ...groupOf(kind), kind: kind.plural },
  });

const isModified =
  'the object has been modified; please apply your changes to the latest version and try again';

export const internal = (message: string) =>
  new Refusal(500, `Internal error occurred: ${message}`);

type Named = Pick<Kind, 'group' | 'kind'>;

export function invalid(kind: Named, name: string, ...faults: readonly Fault[]): Refusal {
  const text = faults.length === 1 ? faults.join('') : `[${faults.join(', ')}]`;
  const causes = faults.map((fault) => {
    const [, field = '', message = ''] = /^(.*?): ([\s\S]*)$/.exec(fault) ?? [];
    return { reason: 'FieldValueInvalid', message, field };
  });
  const label = labelOf({ ...kind, plural: kind.kind });
  const details = { name, ...groupOf(kind), kind: kind.kind, causes };
  return new Refusal(422, `${label} "${name}" is invalid: ${text}`, { details });
}

/** A query parameter nobody can act on. */
export const badOption = (fault: Fault) =>
  invalid({ group: 'meta.k8s.io', kind: 'Options' }, '', fault);

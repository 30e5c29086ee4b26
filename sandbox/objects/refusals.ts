import type { Fields } from '../api.ts';
import type { Kind } from './kinds.ts';

/** The answer is no: thrown wherever that is found out, sent as a Status. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Fields | undefined;
  readonly metadata: Fields;

  constructor(
    code: number,
    reason: string,
    message: string,
    more: { details?: Fields; metadata?: Fields } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = more.details;
    this.metadata = more.metadata ?? {};
  }

  get status(): Fields {
    const { code, reason, message, details, metadata } = this;
    const head = { kind: 'Status', apiVersion: 'v1', metadata, status: 'Failure', message };
    return {
      ...head,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** `deployments.apps`: how messages name a resource. */
export const labelOf = ({ plural, group }: Kind) => (group === '' ? plural : `${plural}.${group}`);

const detailsOf = ({ group, plural }: Kind, name: string): Fields => ({
  name,
  ...(group === '' ? {} : { group }),
  kind: plural,
});

export const badRequest = (message: string) => new Refusal(400, 'BadRequest', message);

export const internal = (message: string) =>
  new Refusal(500, 'InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
  });

export const notFound = (kind: Kind, name: string) =>
  new Refusal(404, 'NotFound', `${labelOf(kind)} "${name}" not found`, {
    details: detailsOf(kind, name),
  });

export const noSuchResource = () =>
  new Refusal(404, 'NotFound', 'the server could not find the requested resource', { details: {} });

export const alreadyExists = (kind: Kind, name: string) =>
  new Refusal(409, 'AlreadyExists', `${labelOf(kind)} "${name}" already exists`, {
    details: detailsOf(kind, name),
  });

export const conflict = (kind: Kind, name: string, why: string = modified) =>
  new Refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${labelOf(kind)} "${name}": ${why}`,
    { details: detailsOf(kind, name) },
  );

const modified =
  'the object has been modified; please apply your changes to the latest version and try again';

export const forbidden = (kind: Kind, name: string, why: string, causes?: readonly Cause[]) =>
  new Refusal(403, 'Forbidden', `${labelOf(kind)} "${name}" is forbidden: ${why}`, {
    details: { ...detailsOf(kind, name), ...(causes && { causes: causes.map(fieldsOfCause) }) },
  });

/** One thing wrong with an object, as `details.causes` has it. */
export interface Cause {
  readonly field: string;
  readonly message: string;
  readonly reason?: string;
}

const fieldsOfCause = ({ reason = 'FieldValueInvalid', message, field }: Cause): Fields => ({
  reason,
  message,
  field,
});

export function invalid(
  { group, kind }: Pick<Kind, 'group' | 'kind'>,
  name: string,
  causes: readonly Cause[],
): Refusal {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const whole = texts.length === 1 ? texts.join() : `[${texts.join(', ')}]`;
  const details = {
    name,
    ...(group === '' ? {} : { group }),
    kind,
    causes: causes.map(fieldsOfCause),
  };
  return new Refusal(
    422,
    'Invalid',
    `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${whole}`,
    { details },
  );
}

/** A query parameter nobody can act on. */
export const badOption = (kind: string, field: string, message: string) =>
  invalid({ group: 'meta.k8s.io', kind }, '', [{ field, message }]);

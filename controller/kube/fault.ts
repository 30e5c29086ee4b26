import { faults, type FaultKey } from '../../domain/faults.ts';
import {
  isObject,
  listAt,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
} from '../../domain/json.ts';

export interface FaultDetails {
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The webhook or policy that refused, when the answer names one. */
  readonly deniedBy?: string | undefined;
  readonly text?: string | undefined;
  readonly cause?: unknown;
}

/** A call to the API server that did not work. */
export class Fault extends Error {
  readonly key: FaultKey;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly deniedBy: string | undefined;

  constructor(key: FaultKey, details: FaultDetails = {}) {
    const { status, reason, text, deniedBy } = details;
    const said = [status, reason, deniedBy && `by ${deniedBy}`, text].filter(Boolean).join(' ');
    super(said ? `${faults[key].sentence} (${said})` : faults[key].sentence, {
      cause: details.cause,
    });
    this.name = 'Fault';
    this.key = key;
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = details.retryAfterMs;
    this.deniedBy = deniedBy;
  }
}

export interface Refusal {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * What an answer other than success means. `writing` says whether the request carried an object:
 * the server may then quote all of it, environment and all, so its words are read here and dropped.
 */
export function faultOfAnswer({ code, headers, text }: Refusal, writing: boolean): Fault {
  const status = statusIn(text) ?? { message: text };
  return faultOfStatus({ ...status, code }, writing, headers['retry-after']);
}

/** The same for a Status object that came in a stream. */
export function faultOfStatus(
  status: JsonObject,
  writing: boolean,
  retryAfter?: string | string[],
): Fault {
  const code = typeof status['code'] === 'number' ? status['code'] : 500;
  const message = textAt(status, 'message') ?? '';
  const deniedBy = denier(message);
  return new Fault(keyOf(code, status, message), {
    status: code,
    reason: shortened(textAt(status, 'reason'), 60),
    retryAfterMs: retryAfterOf(retryAfter, status),
    deniedBy,
    text: writing ? undefined : shortened(message, 200),
  });
}

/** Whatever was thrown, as a Fault: the one place that knows the names of broken connections. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const key = keyOfCode(code) ?? 'Unexpected';
  return new Fault(key, { reason: code, cause: error });
}

/**
 * Runs a listener whose mistake must cost neither the stream it listens to nor the order of what
 * follows: what it throws is told, and whoever fails at being told is left alone.
 */
export function contained<T>(
  run: () => T,
  tell?: (fault: Fault) => void,
): { readonly value: T } | undefined {
  try {
    return { value: run() };
  } catch (cause) {
    if (tell) contained(() => tell(new Fault('Unexpected', { cause })));
    return undefined;
  }
}

function statusIn(text: string): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && parsed['kind'] === 'Status' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(code: number, status: JsonObject, message: string): FaultKey {
  const causes = causesOf(status);
  if (code >= 400 && code < 500 && denier(message)) return 'DeniedByAdmission';
  if (code === 403) return said(causes, 'NamespaceTerminating') ? 'NamespaceEnding' : 'Forbidden';
  if (code === 404) return namesAnObject(status) ? 'NotFound' : 'KindAbsent';
  if (code === 409) return status['reason'] === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
  if (code === 422) return guardsUid(causes) ? 'Conflict' : 'Invalid';
  if (code === 429) return keyOfOverload(causes, message);
  if (code >= 500) return keyOfFailure(causes, message);
  return plainKeys[code] ?? (code >= 400 ? 'BadRequest' : 'Garbled');
}

const plainKeys: Readonly<Record<number, FaultKey>> = {
  401: 'Unauthorized',
  408: 'TimedOut',
  410: 'Expired',
};

/** An absent object is named in the details; an absent kind has none, or comes as plain text. */
function namesAnObject(status: JsonObject): boolean {
  const details = objectAt(status, 'details');
  return details !== undefined && textAt(details, 'name') !== undefined;
}

/** A patch whose uid is not the object's: our precondition failed, however the server words it. */
const guardsUid = (causes: readonly JsonObject[]) =>
  causes.some((cause) => cause['field'] === 'metadata.uid');

function keyOfOverload(causes: readonly JsonObject[], message: string): FaultKey {
  if (said(causes, 'DisruptionBudget')) return 'DisruptionBudget';
  return message.includes('(re)initializing') ? 'StorageStarting' : 'TooManyRequests';
}

function keyOfFailure(causes: readonly JsonObject[], message: string): FaultKey {
  if (said(causes, 'ResourceVersionTooLarge')) return 'ServerBehind';
  return message.includes('failed calling webhook') ? 'AdmissionUnavailable' : 'ServerFailed';
}

function causesOf(status: JsonObject): readonly JsonObject[] {
  const details = objectAt(status, 'details');
  return ((details && listAt(details, 'causes')) ?? []).filter((cause: Json) => isObject(cause));
}

const said = (causes: readonly JsonObject[], reason: string) =>
  causes.some((cause) => cause['reason'] === reason);

/** Names of webhooks and policies belong to the cluster's owner and hold no secret; the rest of the text may. */
function denier(message: string): string | undefined {
  const found =
    /^admission webhook "([a-z0-9.-]{1,253})" denied/.exec(message) ??
    /ValidatingAdmissionPolicy '([a-z0-9.-]{1,253})'(?: with binding '[^']*')? denied/.exec(
      message,
    );
  return found?.[1];
}

/** Seconds only: Kubernetes sends nothing else. A wish beyond five minutes is cut, for it blocks all we do. */
function retryAfterOf(
  header: string | string[] | undefined,
  status: JsonObject,
): number | undefined {
  const seconds = Number(
    header ?? objectAt(status, 'details')?.['retryAfterSeconds'] ?? Number.NaN,
  );
  return seconds >= 0 ? Math.min(seconds, 300) * 1_000 : undefined;
}

function shortened(text: string | undefined, length: number): string | undefined {
  const line = text?.replaceAll(/\s+/g, ' ').trim();
  return line && line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

function codeOf(error: unknown): string | undefined {
  const code = isObject(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}

function keyOfCode(code: string | undefined): FaultKey | undefined {
  if (code === undefined) return undefined;
  const known = codes[code];
  if (known) return known;
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return 'UntrustedCertificate';
  if (code.startsWith('HPE_')) return 'Garbled';
  return /^(?:UND_|ERR_SSL|ERR_TLS|EPROTO|E[A-Z]+$)/.test(code) ? 'ConnectionBroken' : undefined;
}

/** Only what surely happened before a byte of the request left is Unreachable: such a write may be sent again. */
const codes: Readonly<Record<string, FaultKey>> = {
  ECONNREFUSED: 'Unreachable',
  ENOTFOUND: 'Unreachable',
  EAI_AGAIN: 'Unreachable',
  EHOSTUNREACH: 'Unreachable',
  ENETUNREACH: 'Unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'Unreachable',
  UND_ERR_HEADERS_TIMEOUT: 'TimedOut',
  UND_ERR_BODY_TIMEOUT: 'TimedOut',
  ETIMEDOUT: 'TimedOut',
};

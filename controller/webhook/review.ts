import { isUtf8 } from 'node:buffer';
import { annotations, marks } from '../../crds/names.ts';
import { isObject, member, objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { reviewProblems, type AdmissionFailure, type ReviewProblem } from '../../domain/facts.ts';
import { frameOf, placeOf } from './repeats/frame.ts';

/** What an API server asks about, as far as anybody here wants to know it. */
export interface Review {
  readonly uid: string;
  readonly operation: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string;
  /** Or the stem of the name, when there is none yet. */
  readonly name: string;
  readonly dryRun: boolean;
  /** Absent on DELETE. */
  readonly object: JsonObject | undefined;
  /** Absent on CREATE. */
  readonly oldObject: JsonObject | undefined;
  /** Of the whole review as it arrived. */
  readonly bytes: number;
  /** The object as it arrived, where it can be told what of the text it is. */
  readonly text?: string | undefined;
}

export interface Answer {
  readonly allowed: boolean;
  /** A JSON Patch as text. */
  readonly patch?: string | undefined;
  /** Why it is not allowed. */
  readonly message?: string | undefined;
  readonly audit?: Readonly<Record<string, string>> | undefined;
  readonly warnings?: readonly string[] | undefined;
}

export type Parsed =
  | { readonly kind: 'review'; readonly review: Review }
  | { readonly kind: 'refused'; readonly problem: ReviewProblem };

/** Whether pods of a namespace get nothing, as far as they say nothing themselves. */
export type IsQuiet = (namespace: string) => boolean;

/** Whether it is known what is answered to a review, going by the text of its object and all around it. */
export type IsFamiliar = (review: Review) => boolean;

/**
 * Reads a review. Whatever the bytes are, it answers; it never repeats them, for they may hold
 * secrets. Most pods neither ask for anything nor live where somebody asks for them, and of those
 * that do most are like one before: of such only what is around the object is read, which is most of
 * what they cost.
 */
export function parseReview(
  bytes: Buffer,
  isQuiet: IsQuiet = never,
  isFamiliar: IsFamiliar = never,
): Parsed {
  if (!isUtf8(bytes)) return refused('Unreadable');
  const text = bytes.toString();
  const place = placeOf(text);
  const framed = place === undefined ? undefined : parseText(frameOf(text, place), bytes.length);
  if (place === undefined || framed?.kind !== 'review') return parseText(text, bytes.length);
  if (!namesUs.test(text) && isQuiet(framed.review.namespace)) return framed;
  const whole = text.slice(place.start, place.end);
  const unread: Parsed = { kind: 'review', review: { ...framed.review, text: whole } };
  if (isFamiliar(unread.review)) return unread;
  const parsed = parseText(text, bytes.length);
  return parsed.kind === 'review'
    ? { ...parsed, review: { ...parsed.review, text: whole } }
    : parsed;
}

const never = () => false;

/**
 * What every pod that wants something of us has in its bytes: the start of a key of ours, or an
 * escape that may stand for one of its characters. API servers escape none but <, > and &.
 */
const namesUs = new RegExp(
  [annotations.inject(''), marks.probe, String.raw`\\/`, String.raw`\\u00(?!26|3[ce])`].join('|'),
);

function parseText(text: string, bytes: number): Parsed {
  const json = jsonIn(text);
  if (!isObject(json)) return refused('Unreadable');
  if (member(json, 'kind') !== 'AdmissionReview') return refused('NoReview');
  if (member(json, 'apiVersion') !== version) return refused('UnknownVersion');
  const request = objectAt(json, 'request');
  if (request === undefined) return refused('NoReview');
  return readRequest(request, bytes);
}

const version = 'admission.k8s.io/v1';

const refused = (problem: ReviewProblem): Parsed => ({ kind: 'refused', problem });

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes what it read.
    return undefined;
  }
}

function readRequest(request: JsonObject, bytes: number): Parsed {
  const uid = textAt(request, 'uid');
  if (uid === undefined || uid.length > longestUid) return refused('NoUid');
  const namespace = textAt(request, 'namespace');
  if (namespace === undefined) return refused('NoNamespace');
  const operation = textAt(request, 'operation') ?? '';
  const object = objectAt(request, 'object');
  const isExpected = operation === 'CREATE' || operation === 'UPDATE';
  if (object === undefined && isExpected) return refused('NoObject');
  return {
    kind: 'review',
    review: {
      uid,
      operation,
      resource: textAt(objectAt(request, 'resource') ?? {}, 'resource') ?? '',
      subresource: textAt(request, 'subResource'),
      namespace,
      name: textAt(request, 'name') ?? stemOf(object),
      dryRun: member(request, 'dryRun') === true,
      object,
      oldObject: objectAt(request, 'oldObject'),
      bytes,
    },
  };
}

/** An API server sends 36 characters; whoever sends more does not get them back. */
const longestUid = 256;

const stemOf = (object: JsonObject | undefined) =>
  textAt(objectAt(object ?? {}, 'metadata') ?? {}, 'generateName') ?? '';

/** The answer as an API server wants it: patch and patchType both or neither, and the uid that was asked. */
export function writeReply(uid: string, answer: Answer): string {
  const { allowed, patch, message, audit, warnings = [] } = answer;
  const reply = JSON.stringify({
    apiVersion: version,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(message === undefined ? {} : { status: { code: 403, message } }),
      ...(audit === undefined ? {} : { auditAnnotations: audit }),
      ...(warnings.length === 0 ? {} : { warnings: presentable(warnings) }),
    },
  });
  // The patch is most of a reply, and base64 holds nothing that JSON would escape.
  return patch === undefined
    ? reply
    : `${reply.slice(0, -2)},"patchType":"JSONPatch","patch":"${base64(patch)}"}}`;
}

/** Let through as it is; the audit log says why. */
export const failureAnswer = (failure: AdmissionFailure): Answer => ({
  allowed: true,
  audit: { failed: failure },
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** As much as an API server passes on whole, of three or fewer. */
export const longestWarning = 256;
const mostWarnings = 3;

function presentable(warnings: readonly string[]): readonly string[] {
  const lines = warnings.map(plainLine).filter((line) => line !== '');
  if (lines.length <= mostWarnings) return lines;
  const more = lines.length - mostWarnings + 1;
  return [...lines.slice(0, mostWarnings - 1), `otel-retrofit: ${more} more warnings not shown.`];
}

const likenesses: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
};

/** ASCII in one line: a line break loses the warning, and clients show anything else as rubbish. */
function plainLine(text: string): string {
  const ascii = text
    .slice(0, 4 * longestWarning)
    .replaceAll(/[^\x20-\x7e]/gu, (character) =>
      /\s/u.test(character) ? ' ' : (likenesses[character] ?? '?'),
    )
    .replaceAll(/ +/g, ' ')
    .trim();
  return ascii.length <= longestWarning ? ascii : `${ascii.slice(0, longestWarning - 3)}...`;
}

/**
 * The uid in the first bytes of a review as an API server writes it, so that there is an answer for
 * a review that nobody has time to read.
 */
export function uidAtStart(start: Buffer): string | undefined {
  const text = start.toString('latin1', 0, uidWithin);
  return opening.exec(text)?.groups?.['uid'];
}

export const uidWithin = 512;

const opening =
  /^\s*\{"kind":"AdmissionReview","apiVersion":"admission\.k8s\.io\/v1","request":\{"uid":"(?<uid>[0-9A-Za-z-]{1,64})"/;

/** What a sender of something else is told. */
export function refusalText(problem: ReviewProblem): string {
  const { sentence, remedy }: { sentence: string; remedy?: string } = reviewProblems[problem];
  return `${[sentence, remedy].filter(Boolean).join(' ')}\n`;
}

export const statusOf: Readonly<Record<ReviewProblem, number>> = {
  UnknownPath: 404,
  WrongMethod: 405,
  WrongContentType: 415,
  TooLarge: 413,
  TooSlow: 408,
  Incomplete: 400,
  Unreadable: 400,
  NoReview: 400,
  UnknownVersion: 400,
  NoUid: 400,
  NoNamespace: 400,
  NoObject: 400,
  Overloaded: 503,
};

import type { IncomingMessage } from 'node:http';
import type { Door, Fact, ReviewProblem } from '../../domain/facts.ts';
import type { Time } from '../kube/pace.ts';
import type { Decision } from './admission.ts';
import { announcedLength, readBody } from './body.ts';
import { createGate, type Gate, type Limits } from './gate.ts';
import {
  failureAnswer,
  parseReview,
  refusalText,
  statusOf,
  uidAtStart,
  uidWithin,
  writeReply,
  type IsFamiliar,
  type IsQuiet,
  type Parsed,
  type Review,
} from './review.ts';

export interface DeskOptions {
  readonly answers: Readonly<Record<Door, (review: Review) => Decision>>;
  /** Of pods there, those that name nothing of ours need not be read. */
  readonly isQuiet: IsQuiet;
  /** Nor need those that are like an earlier one. */
  readonly isFamiliar?: IsFamiliar | undefined;
  readonly record: (fact: Fact) => void;
  readonly limits: Limits;
  readonly time: Time;
}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Visit {
  readonly door: Door;
  readonly arrivedAt: number;
  readonly withinMs: number;
}

const doors: Readonly<Record<string, Door>> = {
  '/mutate-pod': 'pods',
  '/validate-instrumentation': 'instrumentations',
};

/** Where requests become replies. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #gate: Gate;
  #closing: Readonly<Record<string, string>> = {};

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#gate = createGate(options.limits);
  }

  /** From now on each reply asks its connection to end, so that the next request goes elsewhere. */
  windUp(): void {
    this.#closing = { connection: 'close' };
  }

  /** Nothing where nobody waits for a reply any more. */
  async serve(request: IncomingMessage): Promise<Reply | undefined> {
    const { limits, time } = this.#options;
    const { door, problem, withinMs } = destinationOf(request, limits);
    if (door === undefined) return this.#refuse(problem);
    const visit = { door, withinMs, arrivedAt: time.now() };
    const bytes = announcedLength(request) ?? limits.body;
    if (!this.#gate.enter(bytes)) return this.#letThrough(request, visit);
    try {
      return await this.#review(request, visit);
    } finally {
      this.#gate.leave(bytes);
    }
  }

  async #review(request: IncomingMessage, visit: Visit): Promise<Reply | undefined> {
    const { limits, record, time } = this.#options;
    const { door, arrivedAt, withinMs } = visit;
    const body = await readBody(request, { mostBytes: limits.body, withinMs });
    if (body.kind === 'gone') return undefined;
    if (body.kind === 'refused') return this.#refuse(body.problem);
    const parsed = this.#parse(door, body.bytes);
    if (parsed.kind === 'refused') return this.#refuse(parsed.problem);
    const isLate = time.now() - arrivedAt >= withinMs;
    const { answer, fact } = isLate
      ? failed(door, 'DeadlinePassed')
      : this.#options.answers[door](parsed.review);
    record(fact);
    return this.#answered(visit, writeReply(parsed.review.uid, answer));
  }

  #parse(door: Door, bytes: Buffer): Parsed {
    const { isQuiet, isFamiliar } = this.#options;
    return door === 'pods' ? parseReview(bytes, isQuiet, isFamiliar) : parseReview(bytes);
  }

  /** Reads no more than the uid, which is enough to let somebody through. */
  async #letThrough(request: IncomingMessage, visit: Visit): Promise<Reply | undefined> {
    const { limits, record } = this.#options;
    const terms = { mostBytes: limits.body, withinMs: visit.withinMs, enough: uidWithin };
    const body = await readBody(request, terms);
    if (body.kind === 'gone') return undefined;
    if (body.kind === 'refused') return this.#refuse(body.problem);
    const uid = uidAtStart(body.bytes);
    if (uid === undefined) return this.#refuse('Overloaded');
    const { answer, fact } = failed(visit.door, 'Overloaded');
    record(fact);
    return this.#answered(visit, writeReply(uid, answer));
  }

  #answered({ door, arrivedAt }: Visit, body: string): Reply {
    const { record, time } = this.#options;
    record({ type: 'ReviewAnswered', door, elapsedMs: time.now() - arrivedAt });
    return { status: 200, type: 'application/json', body, headers: this.#closing };
  }

  #refuse(problem: ReviewProblem): Reply {
    this.#options.record({ type: 'ReviewRefused', problem });
    return {
      status: statusOf[problem],
      type: 'text/plain; charset=utf-8',
      body: refusalText(problem),
      headers: { ...extras[problem], ...this.#closing },
    };
  }
}

function failed(door: Door, reason: 'Overloaded' | 'DeadlinePassed'): Decision {
  const type = door === 'pods' ? 'AdmissionFailed' : 'ValidationFailed';
  return { answer: failureAnswer(reason), fact: { type, reason } };
}

const extras: Partial<Record<ReviewProblem, Readonly<Record<string, string>>>> = {
  WrongMethod: { allow: 'POST' },
  Overloaded: { 'retry-after': '1' },
};

type Destination =
  | { readonly door: Door; readonly problem?: never; readonly withinMs: number }
  | { readonly door?: never; readonly problem: ReviewProblem; readonly withinMs: number };

/** Judges a request by its head alone. */
function destinationOf(request: IncomingMessage, { body }: Limits): Destination {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const withinMs = patienceIn(query);
  const door = Object.hasOwn(doors, path) ? doors[path] : undefined;
  if (door === undefined) return { problem: 'UnknownPath', withinMs };
  if (request.method !== 'POST') return { problem: 'WrongMethod', withinMs };
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
  if (!/^application\/json(?:;|$)/i.test(type) || encoding !== 'identity')
    return { problem: 'WrongContentType', withinMs };
  const isTooLarge = (announcedLength(request) ?? 0) > body;
  return isTooLarge ? { problem: 'TooLarge', withinMs } : { door, withinMs };
}

const longestPatienceMs = 30_000;

/** How long the API server waits, as it says itself: `timeout=3s`. */
function patienceIn(query: string): number {
  const { amount, unit } =
    /(?:^|&)timeout=(?<amount>\d{1,6})(?<unit>ms|s)(?:&|$)/.exec(query)?.groups ?? {};
  if (amount === undefined) return longestPatienceMs;
  return Math.min(longestPatienceMs, Number(amount) * (unit === 's' ? 1_000 : 1));
}

import type { IncomingMessage } from 'node:http';
import type { ReviewProblem } from '../../domain/facts.ts';

export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly problem: ReviewProblem }
  /** Whoever sent it has hung up. */
  | { readonly kind: 'gone' };

export interface Terms {
  readonly mostBytes: number;
  readonly withinMs: number;
  /** Ends the reading as soon as so much is there, though the body goes on. */
  readonly enough?: number;
}

/**
 * Collects a body as bytes, since a character may lie across two chunks. What comes after the end of
 * the reading is thrown away as it arrives, so that the sender can listen to the answer.
 */
export function readBody(request: IncomingMessage, terms: Terms): Promise<Body> {
  const { mostBytes, withinMs, enough = Number.POSITIVE_INFINITY } = terms;
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let settled = false;
    const settle = (body: Body) => {
      settled = true;
      clearTimeout(timer);
      resolve(body);
    };
    // Most bodies come in one piece with their head, and need no clock.
    setImmediate(() => {
      if (settled) return;
      timer = setTimeout(() => settle({ kind: 'refused', problem: 'TooSlow' }), withinMs);
    });
    const whole = () => settle({ kind: 'whole', bytes: joined(chunks) });
    request.on('data', (chunk: Buffer) => {
      if (settled) return;
      length += chunk.length;
      if (length > mostBytes) settle({ kind: 'refused', problem: 'TooLarge' });
      else chunks.push(chunk);
      if (length >= enough && !settled) whole();
    });
    request.on('end', () => {
      if (isComplete(request, length)) whole();
      else settle({ kind: 'refused', problem: 'Incomplete' });
    });
    request.on('error', () => settle({ kind: 'gone' }));
    request.on('close', () => settle({ kind: 'gone' }));
  });
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first, ...others] = chunks;
  return first !== undefined && others.length === 0 ? first : Buffer.concat(chunks);
}

/** What the head announces, if it does. */
export function announcedLength(request: IncomingMessage): number | undefined {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

function isComplete(request: IncomingMessage, length: number): boolean {
  const announced = announcedLength(request);
  return request.complete && (announced === undefined || announced === length);
}

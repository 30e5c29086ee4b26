import type { Decision } from './admission.ts';
import { failureAnswer, type Review } from './review.ts';

/** What is said about an Instrumentation that somebody creates or changes. */
export interface Validation {
  readonly allowed: boolean;
  /** Why it is not. */
  readonly message?: string | undefined;
  readonly warnings: readonly string[];
}

export type Validate = (review: Review) => Validation;

/** A deletion and a status are never refused: neither can hurt a pod, and both must always be possible. */
export function answerInstrumentation(review: Review, validate: Validate): Decision {
  const { operation, resource, subresource, object } = review;
  const isWritten = operation === 'CREATE' || operation === 'UPDATE';
  const isJudged = isWritten && resource === 'instrumentations' && subresource === undefined;
  if (!isJudged || object === undefined) {
    const fact = {
      type: 'ReviewOutOfScope',
      door: 'instrumentations',
      operation,
      resource,
    } as const;
    return { answer: { allowed: true }, fact };
  }
  try {
    return judged(review, validate(review));
  } catch (cause) {
    const reason = 'Unexpected';
    return { answer: failureAnswer(reason), fact: { type: 'ValidationFailed', reason, cause } };
  }
}

function judged({ namespace, name }: Review, validation: Validation): Decision {
  const { allowed, message = 'The Instrumentation is not valid.', warnings } = validation;
  return {
    answer: allowed ? { allowed, warnings } : { allowed, message, warnings },
    fact: {
      type: 'InstrumentationReviewed',
      namespace,
      name,
      allowed,
      warnings: warnings.length,
    },
  };
}

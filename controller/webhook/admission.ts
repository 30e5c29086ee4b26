import { marks } from '../../crds/names.ts';
import type { AdmissionFact, AdmissionFailure, PodName, ReviewFact } from '../../domain/facts.ts';
import { admit, patchOf, type Admission } from '../../domain/injection/admit.ts';
import { match, type World } from '../../domain/injection/match.ts';
import { diff } from '../../domain/injection/patch.ts';
import { objectAt, textAt, type JsonObject } from '../../domain/json.ts';
import { failureAnswer, type Answer, type Review } from './review.ts';
import { flawIn } from './check/verify.ts';
import { auditOf, warningsOf } from './warnings.ts';

/** All that is known beside the pod; nothing of it may wait. */
export interface Surroundings {
  readonly worldOf: (namespace: string) => World;
  /** A hash over the settings and the Instrumentations by which pods are decided now. */
  readonly fingerprint: () => string;
}

export interface Decision {
  readonly answer: Answer;
  readonly fact: AdmissionFact | ReviewFact;
}

/** Decides what is answered about a pod. A pod is never turned away, whatever goes wrong. */
export function answerPod(review: Review, around: Surroundings): Decision {
  try {
    return decide(review, around);
  } catch (cause) {
    return failed(review, 'Unexpected', cause);
  }
}

/** Whether a pod must ask by itself to get anything. */
export const isQuiet = (world: World) => match({}, world).kind === 'exempt';

const unchanged: Answer = { allowed: true };

function decide(review: Review, around: Surroundings): Decision {
  const { operation, resource, subresource, object, namespace, dryRun } = review;
  const isBirth = operation === 'CREATE' && resource === 'pods' && subresource === undefined;
  if (!isBirth || object === undefined) {
    return {
      answer: unchanged,
      fact: { type: 'ReviewOutOfScope', door: 'pods', operation, resource },
    };
  }
  const nonce = dryRun ? nonceOf(object) : undefined;
  if (nonce !== undefined) return answerProbe(review, object, `${nonce}.${around.fingerprint()}`);
  const admission = admit(object, around.worldOf(namespace));
  if (admission.kind === 'untouched') {
    const { reason } = admission;
    return {
      answer: unchanged,
      fact: { type: 'PodUnchanged', pod: podOf(review), dryRun, reason },
    };
  }
  return answerAdmission(review, object, admission);
}

const podOf = ({ namespace, name }: Review): PodName => ({ namespace, name });

type Changed = Exclude<Admission, { kind: 'untouched' }>;

function answerAdmission(review: Review, object: JsonObject, admission: Changed): Decision {
  const { refusals } = admission;
  const notes = admission.kind === 'injected' ? admission.notes : [];
  const given = admission.kind === 'injected' ? admission.given : [];
  const operations = patchOf(object, admission);
  const patch = operations.length === 0 ? undefined : JSON.stringify(operations);
  const bytes = review.bytes + (patch?.length ?? 0);
  const flaw = flawIn({ before: object, after: admission.pod, operations, bytes });
  if (flaw !== undefined) return failed(review, 'UnsafePatch', new Error(flaw));
  return {
    answer: {
      allowed: true,
      patch,
      audit: auditOf(given, refusals),
      warnings: warningsOf(refusals, notes),
    },
    fact: factOf(review, admission),
  };
}

function factOf(review: Review, admission: Changed): AdmissionFact {
  const about = { pod: podOf(review), dryRun: review.dryRun };
  if (admission.kind === 'declined') {
    const { reason, refusals } = admission;
    return { type: 'PodDeclined', ...about, reason, refusals };
  }
  const { given, refusals, notes } = admission;
  return { type: 'PodInjected', ...about, given, refusals, notes };
}

/** Ends before the first dot: what follows is an answer, ours or of a replica that decides otherwise. */
function nonceOf(pod: JsonObject): string | undefined {
  const given = objectAt(objectAt(pod, 'metadata') ?? {}, 'annotations') ?? {};
  const probe = textAt(given, marks.probe);
  return probe === undefined ? undefined : /^[0-9A-Za-z-]{1,64}(?=\.|$)/.exec(probe)?.[0];
}

function answerProbe(review: Review, pod: JsonObject, answer: string): Decision {
  const metadata = objectAt(pod, 'metadata') ?? {};
  const given = objectAt(metadata, 'annotations') ?? {};
  const after = {
    ...pod,
    metadata: { ...metadata, annotations: { ...given, [marks.probe]: answer } },
  };
  const operations = diff(pod, after);
  const flaw = flawIn({ before: pod, after, operations, bytes: review.bytes });
  if (flaw !== undefined) return failed(review, 'UnsafePatch', new Error(flaw));
  const patch = operations.length === 0 ? undefined : JSON.stringify(operations);
  return { answer: { allowed: true, patch }, fact: { type: 'ProbeAnswered', answer } };
}

function failed(review: Review, reason: AdmissionFailure, cause: unknown): Decision {
  const fact: AdmissionFact = { type: 'AdmissionFailed', reason, pod: podOf(review), cause };
  return { answer: failureAnswer(reason), fact };
}

import { answerPod, type Decision, type Surroundings } from '../admission.ts';
import type { Review } from '../review.ts';
import { holds, observed, type Observed } from './observed.ts';
import { likenessOf, namesTokenVolume } from './likeness.ts';

/** Answers pods, and those that are like earlier ones as those were answered. */
export interface Repeats {
  /** Whether a pod need not be read: its answer is known, and nothing has changed since. */
  readonly isFamiliar: (review: Review) => boolean;
  readonly answer: (review: Review) => Decision;
}

/**
 * Many pods come in numbers, from one template. An answer that was checked against one of them holds
 * for all that differ in nothing that was looked at. A template is watched from its second pod on,
 * so that those with one pod cost nothing here.
 */
export function createRepeats(around: Surroundings, mostCharacters = usualCharacters): Repeats {
  const known = new Map<string, Observed>();
  const stems = new Set<string>();
  let characters = 0;
  let latest: { readonly text: string; readonly key: string | undefined } | undefined;

  const isFirst = (stem: string) => {
    if (stems.has(stem)) return false;
    if (stems.size >= mostStems) stems.clear();
    stems.add(stem);
    return true;
  };
  const recall = (key: string, namespace: string) => {
    const found = known.get(key);
    return found && holds(found, around.worldOf(namespace)) ? found : undefined;
  };
  const remember = (key: string, entry: Observed) => {
    if (!known.delete(key)) characters += key.length;
    known.set(key, entry);
    for (const oldest of known.keys()) {
      if (characters <= mostCharacters) break;
      known.delete(oldest);
      characters -= oldest.length;
    }
  };
  return {
    isFamiliar: (review) => {
      latest = undefined;
      const { namespace, name, text } = review;
      if (text === undefined || !isRepeatable(review) || isFirst(`${namespace}/${name}`))
        return false;
      const likeness = likenessOf(text);
      const key = likeness === undefined ? undefined : `${namespace} ${likeness}`;
      latest = { text, key };
      return key !== undefined && recall(key, namespace) !== undefined;
    },
    answer: (review) => {
      const key = latest !== undefined && latest.text === review.text ? latest.key : undefined;
      latest = undefined;
      if (key === undefined || !isRepeatable(review)) return answerPod(review, around);
      const found = recall(key, review.namespace);
      if (found !== undefined) return found.decision;
      const entry = observed(review, around);
      if (isGeneral(entry.decision)) remember(key, entry);
      return entry.decision;
    },
  };
}

/** Some hundred pods of the usual size. */
const usualCharacters = 2 ** 20;
const mostStems = 4_096;

/** A dry run may be a probe, and is answered by itself. */
const isRepeatable = ({ operation, resource, subresource, dryRun }: Review) =>
  operation === 'CREATE' && resource === 'pods' && subresource === undefined && !dryRun;

/** Whether an answer is true of every pod of its likeness. What failed is tried again. */
function isGeneral({ answer, fact }: Decision): boolean {
  const isSettled = fact.type === 'PodInjected' || fact.type === 'PodDeclined';
  const told = JSON.stringify([fact, answer.audit, answer.warnings]);
  return isSettled && !namesTokenVolume(answer.patch ?? '') && !namesTokenVolume(told);
}

import type { Candidate } from './round.ts';
import { isOutdated } from './settle.ts';

/**
 * Never tried first, so that one that keeps falling behind starves nobody; then those that have
 * nothing, then those that have waited longest. Of those that came together whoever is hurt least by
 * a bad agent goes ahead, and shows it to the others. Ties go by key, so that two leaders plan alike.
 */
export const inOrder = (candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.toSorted(
    (one, other) =>
      Number(isTried(one)) - Number(isTried(other)) ||
      Number(isOutdated(one)) - Number(isOutdated(other)) ||
      compare(one.since ?? Infinity, other.since ?? Infinity) ||
      risk(one) - risk(other) ||
      (one.key < other.key ? -1 : 1),
  );

/** Two that were never seen before are alike. */
const compare = (one: number, other: number) => (one === other ? 0 : one - other);

/** A Deployment keeps its old pods until the new ones are ready, where it is told when they are. */
const risk = ({ workload, isBlind }: Candidate) =>
  Number(isBlind) * 2 + Number(workload.kind !== 'Deployment');

const isTried = ({ attempt }: Candidate) => attempt.lastNumber > 0;

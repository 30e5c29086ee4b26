/** The word that a person most likely meant; none where all are far away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= within(candidate))
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= within(candidate))
    .toSorted((one, other) => one.distance - other.distance);
  return best?.candidate;
}

/** Two letters that have changed places count twice. */
const within = ({ length }: string) => Math.min(3, Math.max(1, length / 3));

const longest = 100;

/** How many letters must be changed, added or left out. */
function distanceOf(one: string, other: string): number {
  if (one.length > longest || other.length > longest) return longest;
  let row = Array.from({ length: other.length + 1 }, (_none, index) => index);
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1];
    for (const [place, there] of other.split('').entries()) {
      const changed = (row[place] ?? 0) + (letter.toLowerCase() === there.toLowerCase() ? 0 : 1);
      next.push(Math.min(changed, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? longest;
}

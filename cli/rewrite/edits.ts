/** A stretch of text and what is to stand in its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Thrown where the text is laid out in a way that cannot be edited in place. */
export class NoPlace extends Error {}

/** The text with all edits made; those that begin at one place are made in the order given. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const edit of inOrder(edits)) {
    parts.push(text.slice(from, edit.start), edit.text);
    from = edit.end;
  }
  return parts.join('') + text.slice(from);
}

/** Whether no edit reaches into another. */
export function areApart(edits: readonly Edit[]): boolean {
  const ordered = inOrder(edits);
  return ordered.every(({ start }, index) => start >= (ordered[index - 1]?.end ?? 0));
}

export const inOrder = (edits: readonly Edit[]) =>
  edits.toSorted((one, other) => one.start - other.start || length(one) - length(other));

/** What is only inserted comes before what is replaced. */
const length = ({ start, end }: Edit) => Math.sign(end - start);

export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the object stands in a review as an API server writes it. In a text each quote has a
 * backslash before it, so what is looked for stands where members stand.
 */
export function placeOf(text: string): Place | undefined {
  const start = text.indexOf(opens);
  const end = text.lastIndexOf(closes);
  return start === -1 || end < start
    ? undefined
    : { start: start + opens.length - 1, end: end + 1 };
}

const opens = ',"object":{';
const closes = '},"oldObject":null,"dryRun":';

/** The review with nothing left in its object but the stem of a name. */
export function frameOf(text: string, { start, end }: Place): string {
  const stem = /"generateName":"[a-z0-9.-]{1,253}"/.exec(text.slice(start, start + 512)) ?? [''];
  return `${text.slice(0, start)}{"metadata":{${stem[0]}}}${text.slice(end)}`;
}

import type { Span, Telemetry } from './telemetry.ts';

/** The way of one request, as its trace should tell it: each the child of the one before. */
export const way = [
  'cart server',
  'cart client',
  'pricing server',
  'pricing client',
  'stock server',
  'stock client',
  'cart server',
] as const;

export type Verdict =
  | { readonly kind: 'connected'; readonly traceId: string; readonly spans: readonly Span[] }
  /** How far it came, and what should have come next. */
  | { readonly kind: 'broken'; readonly reached: readonly string[]; readonly missing: string };

/** Follows one request, known by the item it asks for, from its first span as far as it is connected. */
export function follow(
  { spans }: Telemetry,
  item: string,
  steps: readonly string[] = way,
): Verdict {
  const found = longest(spansAbout(spans, item), steps, []);
  const missing = steps[found.length];
  if (missing !== undefined) return { kind: 'broken', reached: found.map(titleOf), missing };
  return { kind: 'connected', traceId: found[0]?.traceId ?? '', spans: found };
}

/** A step may look as if it were another: then the one counts that leads on. */
function longest(
  own: readonly Span[],
  steps: readonly string[],
  before: readonly Span[],
): readonly Span[] {
  const step = steps[before.length];
  const next = own.filter((span) => titleOf(span) === step && isChild(span, before.at(-1)));
  return next
    .map((span) => longest(own, steps, [...before, span]))
    .reduce((best, one) => (one.length > best.length ? one : best), before);
}

/** The spans that one request has left, whatever connects them. */
export const spansAbout = (spans: readonly Span[], item: string): readonly Span[] =>
  spans.filter(({ attributes }) => [...attributes.values()].some((value) => value.includes(item)));

export const titleOf = ({ resource, kind }: Span): string =>
  `${resource.get('service.name')} ${kind}`;

const isChild = (span: Span, parent: Span | undefined) =>
  parent === undefined
    ? span.parentId === ''
    : span.parentId === parent.id && span.traceId === parent.traceId;

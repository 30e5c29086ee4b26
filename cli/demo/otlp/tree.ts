import type { Span } from './spans.ts';

/** Draws one trace, a span a line, whoever was called below whoever called. */
export function treeOf(spans: readonly Span[]): readonly string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentId }) => (known.has(parentId) ? parentId : ''));
  const draw = (parent: string, indent: string): readonly string[] => {
    const below = (children.get(parent) ?? []).toSorted(byStart);
    return below.flatMap((span, index) => {
      const isLast = index === below.length - 1;
      const [branch, more] = parent === '' ? ['', ''] : isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
      return [`${indent}${branch}${lineOf(span)}`, ...draw(span.spanId, `${indent}${more}`)];
    });
  };
  return draw('', '');
}

const byStart = (a: Span, b: Span) => Number(a.startedAt - b.startedAt);

const lineOf = ({ service, name, startedAt, endedAt, pod }: Span) =>
  `${service}  ${name}  ${(Number(endedAt - startedAt) / 1e6).toFixed(1)} ms  (${pod})`;

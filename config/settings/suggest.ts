/** The known name that was most likely meant, or none. */
export function suggest(name: string, known: readonly string[]): string | undefined {
  if (name.length > longestName) return undefined;
  const given = words(name);
  const same = known.filter((one) => isSubset(words(one), given) && isSubset(given, words(one)));
  if (same.length === 1) return same[0];
  const [nearest] = known
    .map((one) => ({ one, steps: distance(name, one) }))
    .toSorted((a, b) => a.steps - b.steps);
  if (nearest !== undefined && nearest.steps <= Math.max(2, name.length / 3)) return nearest.one;
  const wider = known.filter((one) => isSubset(given, words(one)));
  return wider.length === 1 ? wider[0] : undefined;
}

const longestName = 64;

/** What the operator's names of the same settings hold besides. */
const filler = new Set([
  'auto',
  'instrumentation',
  'addr',
  'address',
  'health',
  'otel',
  'retrofit',
]);

function words(name: string): ReadonlySet<string> {
  const joined = name.toLowerCase().replaceAll('node-js', 'nodejs').replaceAll('dot-net', 'dotnet');
  return new Set(joined.split(/[-_.]+/).filter((word) => word !== '' && !filler.has(word)));
}

const isSubset = (part: ReadonlySet<string>, whole: ReadonlySet<string>) =>
  part.size > 0 && [...part].every((word) => whole.has(word));

/** Letters to insert, drop or replace. */
function distance(from: string, to: string): number {
  const a = from.toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

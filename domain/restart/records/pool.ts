/**
 * Hands out one value for all that are equal, so that many records hold it once: an owner has many
 * pods, and a stamp many more.
 */
export type Share<T> = (key: string, fresh: T) => T;

/** The key says where to look; only what is equal in every member is shared. */
export function createPool<T>(most = 20_000): Share<T> {
  const known = new Map<string, T>();
  return (key, fresh) => {
    const found = known.get(key);
    if (found !== undefined && isEqual(found, fresh)) return found;
    // Starting anew costs a few doubles; a pool without a bound would outlive what it was for.
    if (known.size >= most) known.clear();
    known.set(key, fresh);
    return fresh;
  };
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false;
  const members: [string, unknown][] = Object.entries(one);
  return (
    members.length === Object.keys(other).length &&
    members.every(([key, value]) => (other as Record<string, unknown>)[key] === value)
  );
}

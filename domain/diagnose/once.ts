/**
 * Asks once about each value, for as long as somebody has it. Nothing here ever changes, so the
 * answer does not either.
 */
export function once<K extends object, V>(answer: (about: K) => V): (about: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (about) => {
    const found = known.get(about) ?? { value: answer(about) };
    known.set(about, found);
    return found.value;
  };
}

import type { Json } from '../api.ts';
import { fieldsOf, isFields, isList, without } from './json.ts';

/** By which field the elements of a list are told apart; any other list is replaced whole. */
const mergeKeys: Readonly<Record<string, string>> = {
  addresses: 'type',
  conditions: 'type',
  containers: 'name',
  env: 'name',
  initContainers: 'name',
  ownerReferences: 'uid',
  podIPs: 'ip',
  ports: 'containerPort',
  volumeMounts: 'mountPath',
  volumes: 'name',
};

/** The merge that knows Kubernetes' lists, with the directives that kubectl writes. */
export function strategicPatch(target: Json | undefined, patch: Json): Json {
  if (!isFields(patch)) return patch;
  const isWhole = patch['$patch'] === 'replace';
  const merged: Record<string, Json | undefined> = isWhole ? {} : { ...fieldsOf(target) };
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$') || value === undefined) continue;
    const key = mergeKeys[name];
    const old = merged[name];
    if (value === null || fieldsOf(value)['$patch'] === 'delete') delete merged[name];
    else if (isList(value) && isList(old) && key !== undefined)
      merged[name] = mergeLists(old, value, key);
    else merged[name] = strategicPatch(old, value);
  }
  const kept = patch['$retainKeys'];
  const dropped = Object.keys(merged).filter((name) => isList(kept) && !kept.includes(name));
  return without(merged, ...dropped);
}

/** What is known stays where it is, what is new comes first. */
function mergeLists(target: readonly Json[], patch: readonly Json[], key: string): readonly Json[] {
  const nameOf = (item: Json) => fieldsOf(item)[key];
  const asked = new Map(patch.map((item) => [nameOf(item), item]));
  const known = new Set(target.map(nameOf));
  const added = patch.filter((item) => !known.has(nameOf(item)));
  return [...added, ...target].flatMap((item) => {
    const change = asked.get(nameOf(item));
    if (change === undefined || change === item) return [item];
    return fieldsOf(change)['$patch'] === 'delete' ? [] : [strategicPatch(item, change)];
  });
}

import type { Container, EnvVar, Fields } from '../../case.ts';
import type { Ours } from '../../rows.ts';
import type { Request } from '../request.ts';

export const attributesVariable = 'OTEL_RESOURCE_ATTRIBUTES';

/** How a variable is to be joined with what somebody else has set. */
interface Joint {
  readonly name: string;
  readonly alone: string;
  readonly around: (value: string) => string;
  /** What becomes of a reference: the entry is kept, or gets a value beside it, which is invalid. */
  readonly reference: 'kept' | 'spoilt';
}

/** Present means an entry of that name, whatever its value; `envFrom` and the image are not seen. */
export class Environment {
  entries: EnvVar[];
  readonly #ours: Ours;
  readonly #hidden: ReadonlySet<string>;

  constructor({ env, envFrom }: Omit<Container, 'name'>, { ours, joinEnv }: Request) {
    this.entries = [...(env ?? [])];
    this.#ours = ours;
    this.#hidden = new Set((envFrom ?? []).some(isRequiredSource) ? joinEnv : []);
  }

  has(name: string): boolean {
    return this.entries.some((entry) => entry.name === name);
  }

  indexOf(name: string): number {
    const first = this.entries.findIndex((entry) => entry.name === name);
    const last = this.entries.findLastIndex((entry) => entry.name === name);
    return first !== last && this.#ours('later-entry-counts') ? last : first;
  }

  get(name: string): EnvVar | undefined {
    return this.entries[this.indexOf(name)];
  }

  /** The value, unless it comes from elsewhere. */
  plain(name: string): string | undefined {
    const entry = this.get(name);
    return entry === undefined || isReference(entry) ? undefined : (entry.value ?? '');
  }

  append(name: string, value: string): void {
    this.entries.push(value === '' ? { name } : { name, value });
  }

  appendIfAbsent(name: string, value: string): void {
    if (!this.has(name)) this.append(name, value);
  }

  appendMissing(entries: readonly EnvVar[] = []): void {
    for (const entry of entries) if (!this.has(entry.name)) this.entries.push(entry);
  }

  prependIfAbsent(entry: EnvVar): void {
    if (!this.has(entry.name)) this.entries.unshift(entry);
  }

  moveToEnd(name: string): void {
    this.entries.push(...this.entries.splice(this.indexOf(name), 1));
  }

  /** Whether an entry from that index on has a value that refers to the variable. */
  refersTo(name: string, from = 0): boolean {
    return this.entries.slice(from).some(({ value }) => namesIn(value ?? '').includes(name));
  }

  /** False where the container must do without the agent. */
  join({ name, alone, around, reference }: Joint): boolean {
    const index = this.indexOf(name);
    const entry = this.entries[index];
    if (entry === undefined) {
      const joins = this.#hidden.has(name) && this.#ours('hidden-environment');
      this.append(name, joins ? around(`$(${name})`) : alone);
      return true;
    }
    const value = entry.value ?? '';
    if (!isReference(entry)) {
      const isAlone = value === '' && this.#ours('empty-values');
      this.entries[index] = { ...entry, value: isAlone ? alone : around(value) };
      return true;
    }
    if (this.#ours(rowOf(entry))) return this.#joinReference(index, entry, around);
    if (reference === 'spoilt') this.entries[index] = { ...entry, value: around(value) };
    return true;
  }

  /** Our way: the reference moves to a variable of its own, which the kubelet resolves first. */
  #joinReference(index: number, entry: EnvVar, around: Joint['around']): boolean {
    const kept = `OTEL_INJECTED_ORIG_${entry.name}`;
    if (!isRequired(entry) || this.has(kept)) return false;
    const joined = { name: entry.name, value: around(`$(${kept})`) };
    this.entries.splice(index, 1, { ...entry, name: kept }, joined);
    return true;
  }
}

function rowOf(entry: EnvVar) {
  if (entry.name === attributesVariable) return 'attributes-by-reference';
  return isRequired(entry) ? 'reference-joined' : 'optional-reference';
}

export const isReference = ({ valueFrom }: EnvVar) => valueFrom !== undefined;

export const isRequired = ({ valueFrom = {} }: EnvVar) =>
  Object.values(valueFrom).some((source) => source['optional'] !== true);

/** As the kubelet reads a value: two dollar signs are one, and what follows them is no reference. */
function namesIn(value: string): readonly string[] {
  const dollar = value.indexOf('$');
  if (dollar === -1) return [];
  const rest = value.slice(dollar + 1);
  if (rest.startsWith('$')) return namesIn(rest.slice(1));
  const end = rest.indexOf(')');
  if (!rest.startsWith('(') || end === -1) return namesIn(rest);
  return [rest.slice(1, end), ...namesIn(rest.slice(end + 1))];
}

function isRequiredSource(source: Fields): boolean {
  const reference = (source['configMapRef'] ?? source['secretRef']) as Fields | undefined;
  return reference !== undefined && reference['optional'] !== true;
}

export const fromField = (name: string, fieldPath: string): EnvVar => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

/** The node's and the pod's address go to the front, before what is said for all languages is added. */
export function addSharedEntries(env: Environment, { settings }: Request): void {
  env.prependIfAbsent(fromField('OTEL_POD_IP', 'status.podIP'));
  env.prependIfAbsent(fromField('OTEL_NODE_IP', 'status.hostIP'));
  env.appendMissing(settings.env);
}

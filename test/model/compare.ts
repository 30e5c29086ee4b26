import { isDeepStrictEqual } from 'node:util';
import { images } from '../../config/images.ts';
import { marks } from '../../crds/names.ts';
import { admit } from '../../domain/injection/admit.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { World } from '../../domain/injection/match.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import type { Case, Container, Pod } from './case.ts';
import { asTheOperator } from './operator.ts';
import { choose, rows, type Row } from './rows.ts';

/** What the product makes of a case. */
export function product(one: Case): Pod {
  const admission = admit(one.pod, worldOf(one));
  return plain(admission.kind === 'injected' ? (admission.pod as unknown as Pod) : one.pod);
}

const worldOf = ({ namespace, instrumentations, disabled }: Case): World => ({
  namespace: { ...namespace },
  instrumentations: indexInstrumentations(
    instrumentations.map(readInstrumentation).filter((one) => one !== undefined),
  ),
  defaults: { images, disabled },
});

/** What the second reading makes of it, our way for the chosen rows; and the rows that came up. */
export function reading(one: Case, chosen: Iterable<Row>) {
  const { ours, met } = choose(chosen);
  const outcome = asTheOperator(one, ours);
  return { pod: plain(outcome.kind === 'patched' ? outcome.pod : one.pod), met };
}

/**
 * The rows that make the second reading agree with the product, those left out that nobody misses:
 * none at all where the operator does the same, nothing where even all rows do not suffice.
 */
export function explain(one: Case): readonly Row[] | undefined {
  const wanted = product(one);
  if (isDeepStrictEqual(reading(one, []).pod, wanted)) return [];
  const all = reading(one, rows);
  if (!isDeepStrictEqual(all.pod, wanted)) return undefined;
  let needed = rows.filter((row) => all.met.has(row));
  for (const row of needed) {
    if (!needed.includes(row)) continue;
    const fewer = needed.filter((other) => other !== row);
    const { pod, met } = reading(one, fewer);
    if (isDeepStrictEqual(pod, wanted)) needed = fewer.filter((other) => met.has(other));
  }
  return needed;
}

/**
 * A pod without what must not count: our marks, the wording of scripts, and what a typed object
 * drops when it is written, such as empty lists and values.
 */
export function plain({ metadata, spec, ...rest }: Pod): Pod {
  const { annotations = {}, ...others } = metadata;
  const ours: readonly string[] = Object.values(marks);
  const kept = Object.entries(annotations).filter(([key]) => !ours.includes(key));
  const { containers, initContainers = [], volumes = [], ...own } = spec;
  return {
    ...rest,
    metadata: { ...others, annotations: Object.fromEntries(kept) },
    spec: {
      ...own,
      containers: containers.map(plainContainer),
      initContainers: initContainers.map(plainContainer),
      volumes,
    },
  };
}

function plainContainer(container: Container): Container {
  const { env = [], volumeMounts = [], args, ...rest } = container;
  return {
    ...rest,
    ...(args === undefined ? {} : { args: args.map(plainArgument) }),
    env: env.map(({ value, ...entry }) =>
      value === undefined || value === '' ? entry : { ...entry, value },
    ),
    volumeMounts,
  };
}

const plainArgument = (text: string) => (text.includes('\n') ? '<script>' : text);

/** Where the second reading, our way at every row, and the product part for the first time. */
export function firstDifference(one: Case): string {
  return differenceOf(reading(one, rows).pod, product(one), '');
}

function differenceOf(theirs: unknown, ours: unknown, path: string): string {
  const isBoth = isTree(theirs) && isTree(ours) && Array.isArray(theirs) === Array.isArray(ours);
  const keys = isBoth ? [...new Set([...Object.keys(theirs), ...Object.keys(ours)])] : [];
  const key = keys.find((one) => !isBoth || !isDeepStrictEqual(theirs[one], ours[one]));
  return isBoth && key !== undefined
    ? differenceOf(theirs[key], ours[key], `${path}/${key}`)
    : `${path} is ${JSON.stringify(theirs)} to the second reading and ${JSON.stringify(ours)} here`;
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

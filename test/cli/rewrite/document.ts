import {
  Document,
  isAlias,
  isCollection,
  isScalar,
  Scalar,
  visit,
  type Node,
  type Pair,
} from 'yaml';
import type { JsonObject } from '../../../domain/json.ts';
import type { Dice } from '../../support/dice.ts';

const texts = [
  'web',
  'yes',
  '0644',
  'a: b',
  'multi\nline\n',
  'trail ',
  '# no',
  '',
  'x'.repeat(100),
  '-Xmx1g "q"',
  "it's",
  'é✓',
  '{x}',
  '1:30',
  'null',
  'tab\tin',
  'line\n\n\nmore',
  '  lead',
  'end\n\n',
] as const;

type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

const scalar = (dice: Dice): Value =>
  dice.pick<Value>([dice.pick(texts), dice.pick(texts), dice.roll(100), true, null, 1.5]);

function value(dice: Dice, depth: number): Value {
  if (depth <= 0 || dice.chance(0.4)) return scalar(dice);
  return dice.chance(0.5) ? object(dice, depth - 1) : list(dice, depth - 1);
}

function object(dice: Dice, depth: number): { [key: string]: Value } {
  const keys = dice.some(['a', 'b', 'c', 'd e', 'f.g/h', 'env', 'on', '12'], 0.25);
  return Object.fromEntries(keys.map((key) => [key, value(dice, depth)]));
}

const list = (dice: Dice, depth: number): Value[] =>
  dice.chance(0.5)
    ? named(dice, depth)
    : Array.from({ length: dice.roll(4) }, () => value(dice, depth));

const named = (dice: Dice, depth: number): Value[] =>
  dice
    .some(['n1', 'n2', 'n3', 'n4'], 0.5)
    .map((name) =>
      dice.chance(0.5) ? { name, ...object(dice, depth) } : { ...object(dice, depth), name },
    );

/** An object with a pod in it, as `spec.template`. */
export function anObject(dice: Dice): JsonObject {
  const annotations = dice.chance(0.2) ? null : { k: 'v' };
  const metadata = { name: 'x', ...(dice.chance(0.7) ? { annotations } : {}) };
  const containers = [...named(dice, 3), { name: 'web', env: named(dice, 1) }];
  const template = {
    metadata: dice.chance(0.2) ? null : metadata,
    spec: { containers, ...object(dice, 3) },
  };
  const status = dice.chance(0.3) ? { status: value(dice, 2) } : {};
  return { apiVersion: 'v1', kind: 'X', ...object(dice, 1), spec: { template }, ...status };
}

/** The same with something added, removed, replaced and moved. */
export function changed(dice: Dice, given: Value): Value {
  if (Array.isArray(given)) return changedList(dice, given);
  if (typeof given !== 'object' || given === null) {
    return dice.chance(0.5) ? value(dice, 1) : given;
  }
  const kept = Object.entries(given).filter(
    ([key]) => ['name', 'containers', 'metadata', 'spec'].includes(key) || !dice.chance(0.05),
  );
  const members = kept.map(([key, one]) =>
    key !== 'name' && dice.chance(0.3) ? [key, changed(dice, one)] : [key, one],
  );
  const added = dice.chance(0.3) ? { [`added${dice.roll(9)}`]: value(dice, 2) } : {};
  return { ...(Object.fromEntries(members) as { [key: string]: Value }), ...added };
}

function changedList(dice: Dice, given: Value[]): Value[] {
  const items = given.map((item) => (dice.chance(0.3) ? changed(dice, item) : item));
  const isNamed = given.every(
    (item) => typeof item === 'object' && item !== null && 'name' in item,
  );
  if (!isNamed) return items;
  if (dice.chance(0.1)) items.unshift(...items.splice(-1));
  if (dice.chance(0.3)) items.unshift({ name: 'first', x: scalar(dice) });
  if (dice.chance(0.5)) items.push({ name: 'last', value: value(dice, 1) });
  if (dice.chance(0.15)) items.splice(dice.roll(items.length), 1);
  return items;
}

/** The object's text, laid out as no two people would. */
export function anyText(dice: Dice, given: JsonObject): string {
  if (dice.chance(0.1)) return JSON.stringify(given, null, dice.pick([0, 2, 4]));
  const document = new Document(given, {
    aliasDuplicateObjects: false,
    version: '1.2',
    compat: 'yaml-1.1',
  });
  dress(dice, document);
  if (dice.chance(0.4)) addAliases(dice, document);
  let text = document.toString({
    indent: dice.pick([2, 4, 3]),
    indentSeq: dice.chance(0.5),
    lineWidth: dice.pick([0, 40, 80]),
    flowCollectionPadding: dice.chance(0.5),
    verifyAliasOrder: false,
  });
  if (dice.chance(0.2)) text = `# head\n---\n${text}`;
  if (dice.chance(0.1)) text = `${text}...\n# tail\n`;
  if (dice.chance(0.2)) text = text.replace(/\n$/, '');
  if (dice.chance(0.2)) text = text.replaceAll('\n', '\r\n');
  return dice.chance(0.1) ? `\uFEFF${text}` : text;
}

const styles: readonly [Scalar.Type, ...Scalar.Type[]] = [
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_LITERAL,
  Scalar.BLOCK_FOLDED,
  Scalar.PLAIN,
];

function dress(dice: Dice, document: Document): void {
  visit(document, {
    Value: (_key, node) => {
      if (node === document.contents) return;
      if (isCollection(node) && dice.chance(0.25)) node.flow = true;
      if (isScalar(node) && typeof node.value === 'string' && dice.chance(0.4)) {
        node.type = dice.pick(styles);
      }
      if (dice.chance(0.1)) node.comment = ` c${dice.roll(99)}`;
      if (dice.chance(0.08)) node.commentBefore = ` before${dice.roll(99)}`;
      if (dice.chance(0.05)) node.spaceBefore = true;
    },
  });
}

function addAliases(dice: Dice, document: Document): void {
  const pairs: Pair<Scalar<string>, Node | null>[] = [];
  visit(document, { Pair: (_key, pair) => void pairs.push(pair as (typeof pairs)[number]) });
  for (let count = 0; count < 4; count++) {
    const [one, other] = [dice.roll(pairs.length), dice.roll(pairs.length)];
    const [source, target] = [pairs[Math.min(one, other)], pairs[Math.max(one, other)]];
    if (!source?.value || !target?.value || source === target) continue;
    if (target.key.value === 'name' || isAlias(target.value)) continue;
    if (!isScalar(source.value) && !isCollection(source.value)) continue;
    if (holds(source.value, target) || holds(target.value, source)) continue;
    target.value = document.createAlias(source.value, `an${count}`);
  }
}

function holds(node: Node | null, wanted: unknown): boolean {
  let found = false;
  visit(node, {
    Pair: (_key, pair) => {
      found ||= pair === wanted;
    },
  });
  return found;
}

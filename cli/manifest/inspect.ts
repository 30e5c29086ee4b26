import { isCollection, isPair, isSeq, visit, type Alias, type Document, type Node } from 'yaml';
import type { ManifestFile, Path, Problem } from './model.ts';
import { keyText, pathText } from './place.ts';

/** Says of a document that follows the grammar whether it means anything. */
export function inspect(yaml: Document, file: ManifestFile): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (node: Node, path: string, sentence: string) =>
    problems.push({ file: file.path, ...file.placeAt(node.range?.[0] ?? 0), path, sentence });
  visit(yaml, {
    Map: (_key, map, ancestors) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        if (text === undefined) continue;
        if (seen.has(text)) {
          const path = pathText([...pathTo(map, ancestors), text]);
          report(key as Node, path, `The key ${JSON.stringify(text)} stands here a second time.`);
        }
        seen.add(text);
      }
    },
  });
  for (const [alias, { target, ancestors }] of aliasesOf(yaml)) {
    const path = pathText(pathTo(alias, ancestors));
    if (target === undefined) {
      report(alias, path, `The alias *${alias.source} stands for nothing that comes before it.`);
    } else if (ancestors.includes(target)) {
      report(alias, path, `The alias *${alias.source} stands for something that it is part of.`);
    }
  }
  if (problems.length === 0 && expandedSize(yaml) > mostNodes && yaml.contents !== null) {
    report(yaml.contents, '', 'The aliases of this document stand for too much to be written out.');
  }
  return problems;
}

export interface AliasUse {
  readonly target: Node | undefined;
  readonly ancestors: readonly unknown[];
}

/** Every alias with what it stands for: the last anchor of its name before it. */
export function aliasesOf(yaml: Document): ReadonlyMap<Alias, AliasUse> {
  const anchors = new Map<string, Node>();
  const aliases = new Map<Alias, AliasUse>();
  visit(yaml, {
    Alias: (_key, alias, ancestors) => {
      aliases.set(alias, { target: anchors.get(alias.source), ancestors });
    },
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliases;
}

/** Aliases of aliases grow fast: a kilobyte can stand for more than any memory holds. */
const mostNodes = 2_000_000;

function expandedSize(yaml: Document): number {
  const aliases = aliasesOf(yaml);
  if (aliases.size === 0) return 0;
  const sizes = new Map<unknown, number>();
  const sizeOf = (node: unknown): number => {
    if (isPair(node)) return sizeOf(node.value);
    const target = aliases.get(node as Alias)?.target;
    if (target === undefined && !isCollection(node)) return 1;
    const known = sizes.get(target ?? node);
    if (known !== undefined) return known;
    const items = isCollection(target ?? node) ? (target ?? node) : undefined;
    const size = isCollection(items)
      ? items.items.reduce((sum: number, one) => sum + sizeOf(one), 1)
      : 1;
    sizes.set(target ?? node, size);
    return size;
  };
  return sizeOf(yaml.contents);
}

/** Where a node stands, told from what surrounds it. */
function pathTo(node: Node, ancestors: readonly unknown[]): Path {
  return [...ancestors, node].flatMap((one, index, line): Path => {
    if (isPair(one)) return [keyText(one.key) ?? '<<'];
    const around = line[index - 1];
    return isSeq(around) ? [around.items.indexOf(one)] : [];
  });
}

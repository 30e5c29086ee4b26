import {
  childrenOf,
  type Column,
  type CustomResourceDefinition,
  nameOf,
  namedShapes,
  type Node,
  rootOf,
  type Rule,
  type Schema,
  shapeOf,
  walk,
} from './schema.ts';
import { conditions, example, exampleExplained, shapesExplained, statusExample } from './prose.ts';

/** Shapes of Kubernetes, described once at the end: they stand in several places. */
const shared = [
  'EnvVar',
  'ResourceRequirements',
  'SecurityContext',
  'PersistentVolumeClaimTemplate',
];

/** From a shape to its name, the shared ones alone. */
type SharedNames = ReadonlyMap<string, string>;

/** The text of `docs/reference/instrumentation.md`. */
export function renderReference(crd: CustomResourceDefinition): string {
  const root = rootOf(crd);
  const version = crd.spec.versions[0];
  const names = sharedNames(root);
  const parts = [
    `<!-- Rendered from crds/instrumentations.yaml by "npm run render": change that file, not this one. -->`,
    `# ${crd.spec.names.kind}`,
    root.schema.description ?? '',
    `\`${crd.spec.group}/${version.name}\`, namespaced, \`kubectl get ${crd.spec.names.shortNames[0] ?? crd.spec.names.plural}\`.`,
    '## An example',
    fence('yaml', example),
    exampleExplained,
    '## What kubectl shows',
    table(['column', 'meaning'], version.additionalPrinterColumns.map(columnRow)),
    '## Writing a spec',
    ...childrenOf(root)
      .filter(isNamed('spec'))
      .flatMap((spec) => fields(spec, names)),
    '## Shapes used in several places',
    shapesExplained,
    ...shared.flatMap((name) => sharedShape(name, root, names)),
    '## Status',
    ...childrenOf(root)
      .filter(isNamed('status'))
      .flatMap((status) => statusPart(status, names)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sharedNames(root: Node): SharedNames {
  const all = [...namedShapes(root)].map(([shape, { name }]) => [shape, name] as const);
  return new Map(all.filter(([, name]) => shared.includes(name)));
}

function statusPart(status: Node, names: SharedNames): string[] {
  const { conditions: _, ...others } = status.schema.properties ?? {};
  return [
    status.schema.description ?? '',
    fence('yaml', statusExample),
    '### Conditions',
    ...conditions.map(({ type, text }) => `#### \`${type}\`\n\n${text}`),
    ...fields({ path: status.path, schema: { ...status.schema, properties: others } }, names),
  ];
}

/** One heading for each field beneath a node, whose own heading is there already. */
function fields(node: Node, names: SharedNames): string[] {
  return childrenOf(node).flatMap((field) => {
    const own = isItem(field) ? [] : [`### \`${field.path}\``, describe(field, node, names)];
    return isShared(field.schema, names) ? own : own.concat(fields(field, names));
  });
}

const isItem = ({ path }: Node) => path.endsWith('[]') || path.endsWith('{}');
const isNamed = (name: string) => (node: Node) => nameOf(node) === name;

function describe(field: Node, parent: Node, names: SharedNames): string {
  const isRequired = parent.schema.required?.includes(nameOf(field)) === true;
  const limits = [...(isRequired ? ['required'] : []), ...limitsOf(field.schema)];
  const type = [typeText(field.schema, names), ...limits].join(', ');
  return [`*${type}*`, field.schema.description ?? '', ...refusals(field, parent)].join('\n\n');
}

function typeText(schema: Schema, names: SharedNames): string {
  const name = names.get(shapeOf(schema));
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  if (schema.items !== undefined) return `list of ${typeText(schema.items, names)}`;
  if (schema.additionalProperties !== undefined) {
    return `map of ${typeText(schema.additionalProperties, names)}`;
  }
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.enum !== undefined) return `one of ${schema.enum.map(code).join(' ')}`;
  return schema.format === 'date-time' ? 'time' : (schema.type ?? '');
}

function limitsOf({
  maxItems,
  maxLength,
  pattern,
  'x-kubernetes-int-or-string': isQuantity,
}: Schema) {
  return [
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(pattern === undefined || isQuantity === true ? [] : [`matching ${code(pattern)}`]),
  ];
}

/** What an API server says to a value that breaks a rule of the field. */
function refusals(field: Node, parent: Node): string[] {
  const rules = parent.schema['x-kubernetes-validations'] ?? [];
  const own = rules.filter(({ fieldPath }: Rule) => fieldPath === `.${nameOf(field)}`);
  if (own.length === 0) return [];
  return [`Refused with:\n\n${own.map(({ message }) => `- ${message}`).join('\n')}`];
}

const isShared = (schema: Schema, names: SharedNames) => names.has(shapeOf(schema.items ?? schema));

function sharedShape(name: string, root: Node, names: SharedNames): string[] {
  const found = walk(root).find(({ schema }) => names.get(shapeOf(schema)) === name);
  if (found === undefined) return [];
  const rows = walk(found)
    .slice(1)
    .filter((node) => !isItem(node));
  const inner = rows.map((node) => [
    code(node.path.slice(found.path.length + 1)),
    typeText(node.schema, names),
    node.schema.description ?? '',
  ]);
  return [`### ${name}`, table(['field', 'type', 'meaning'], inner)];
}

function columnRow({ name, description, priority = 0 }: Column): readonly string[] {
  return [name, priority > 0 ? `${description} Shown with \`-o wide\`.` : description];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row).join('\n');
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const fence = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;
const code = (text: string) => `\`${text}\``;

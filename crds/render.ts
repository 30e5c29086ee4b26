import {
  childrenOf,
  type CustomResourceDefinition,
  nameOf,
  namedShapes,
  type Node,
  rootOf,
  type Schema,
  shapeOf,
} from './schema.ts';

const width = 100;

const heading = `// Rendered from crds/instrumentations.yaml by "npm run render": change that file, not this one.
/* oxlint-disable max-lines */
`;

/** The schema leaves these to Kubernetes. */
const metadata = `/** The members of every object's metadata that matter here. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
`;

type Names = ReadonlyMap<string, { readonly name: string }>;

/** The text of `crds/types.ts`: one interface for each shape of the schema. */
export function renderTypes(crd: CustomResourceDefinition): string {
  const shapes = namedShapes(rootOf(crd));
  const declarations = [...shapes.values()].map((shape) => declaration(shape, shapes));
  return [heading, ...declarations].join('\n');
}

function declaration(shape: Node & { readonly name: string }, names: Names): string {
  const { name, path, schema } = shape;
  if (path === 'metadata') return metadata;
  if (schema.enum !== undefined) return enumeration(name, schema.enum);
  const fields = childrenOf(shape).map((field) => member(field, shape, names));
  const introduction = isMember(path) ? '' : comment(schema.description, '');
  return `${introduction}export interface ${name} {\n${fields.join('')}}\n`;
}

/** A member is introduced where it stands; the root, and the items of lists and maps, stand nowhere. */
const isMember = (path: string) => path !== '' && !path.endsWith('[]') && !path.endsWith('{}');

function enumeration(name: string, values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  const line = `export type ${name} = ${quoted.join(' | ')};\n`;
  if (line.length <= width + 1) return line;
  return `export type ${name} =\n${quoted.map((value) => `  | ${value}`).join('\n')};\n`;
}

function member(field: Node, parent: Node, names: Names): string {
  const name = nameOf(field);
  const isThere = name === 'metadata' ? parent.path === '' : parent.schema.required?.includes(name);
  const mark = isThere === true ? '' : '?';
  const type = typeOf(field.schema, names);
  return `${comment(field.schema.description, '  ')}  readonly ${name}${mark}: ${type};\n`;
}

function typeOf(schema: Schema, names: Names): string {
  const named = names.get(shapeOf(schema));
  if (named !== undefined) return named.name;
  if (schema.items !== undefined) return `readonly ${typeOf(schema.items, names)}[]`;
  if (schema.additionalProperties !== undefined) {
    return `Readonly<Record<string, ${typeOf(schema.additionalProperties, names)}>>`;
  }
  if (schema['x-kubernetes-int-or-string'] === true) return 'number | string';
  return schema.type === 'integer' ? 'number' : (schema.type ?? 'unknown');
}

function comment(text: string | undefined, indent: string): string {
  if (text === undefined) return '';
  const line = `${indent}/** ${text} */\n`;
  if (line.length <= width + 1) return line;
  const lines = wrap(text, width - indent.length - 3).map((part) => `${indent} * ${part}\n`);
  return `${indent}/**\n${lines.join('')}${indent} */\n`;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

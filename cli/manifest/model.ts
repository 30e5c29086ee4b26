import type { Document } from 'yaml';
import type { Json, JsonObject } from '../../domain/json.ts';

/** The way to a value inside a document: names of members and positions in lists. */
export type Path = readonly (string | number)[];

/** Something that stands in the way, and where. */
export interface Problem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
  readonly sentence: string;
  readonly remedy?: string;
}

export interface SourceFile {
  /** As a person would write it; `<stdin>` for what was piped in. */
  readonly path: string;
  readonly text: string;
}

export interface ManifestDocument {
  readonly yaml: Document.Parsed;
  /** What it says, nothing shared and nothing merged any more. */
  readonly json: Json;
}

export interface ManifestFile extends SourceFile {
  readonly documents: readonly ManifestDocument[];
  readonly placeAt: (offset: number) => { readonly line: number; readonly column: number };
}

/** One object of Kubernetes, wherever it stood: alone in a document or in a List. */
export interface Item {
  readonly file: ManifestFile;
  /** The document's position in its file. */
  readonly document: number;
  /** The way to the object inside its document. */
  readonly at: Path;
  readonly apiVersion: string;
  readonly kind: string;
  readonly json: JsonObject;
}

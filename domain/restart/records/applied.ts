import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import { annotationsOf } from './metadata.ts';

/** What the owner's tool does to template annotations that are not its own: our marker is one. */
export interface Applied {
  /** The last client-side apply held a map of template annotations with nothing in it. */
  readonly emptiesAnnotations: boolean;
  /** Somebody applies the template on the server's side, where what is not named is left alone. */
  readonly isServerSide: boolean;
  /** Argo CD is told to replace the object whole. */
  readonly replaces: boolean;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const syncOptions = 'argocd.argoproj.io/sync-options';

export function readApplied(metadata: JsonObject): Applied {
  const annotations = annotationsOf(metadata);
  const options = (textAt(annotations, syncOptions) ?? '').split(',').map((one) => one.trim());
  return {
    emptiesAnnotations: emptiesAnnotations(textAt(annotations, lastApplied)),
    isServerSide: (listAt(metadata, 'managedFields') ?? []).filter(isObject).some(appliesTemplate),
    replaces: options.includes('Replace=true'),
  };
}

/** It repeats the whole object, and once its few facts are read nobody asks for it again. */
export function withoutApplied(annotations: JsonObject): JsonObject {
  const { [lastApplied]: _text, ...others } = annotations;
  return others;
}

function emptiesAnnotations(text: string | undefined): boolean {
  const template = objectAt(objectAt(parsed(text), 'spec') ?? {}, 'template');
  const metadata = template && objectAt(template, 'metadata');
  const annotations = metadata && member(metadata, 'annotations');
  if (annotations === undefined) return false;
  return annotations === null || (isObject(annotations) && Object.keys(annotations).length === 0);
}

/** A person can write there what they like. */
function parsed(text: string | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function appliesTemplate(entry: JsonObject): boolean {
  const spec = objectAt(objectAt(entry, 'fieldsV1') ?? {}, 'f:spec');
  return textAt(entry, 'operation') === 'Apply' && spec !== undefined && 'f:template' in spec;
}

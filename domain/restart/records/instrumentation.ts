import { annotations as keys } from '../../../crds/names.ts';
import { readInstrumentation } from '../../injection/instrumentation/read.ts';
import { languages, type Instrumentation } from '../../injection/instrumentation/settings.ts';
import { merge } from '../../injection/match.ts';
import { isObject, objectAt, type JsonObject } from '../../json.ts';
import { annotationsOf, countAt, identityOf, metadataOf, type Identity } from './metadata.ts';

/** An Instrumentation as the loop sees it: what it asks for, and what we have said of it. */
export interface ObservedInstrumentation extends Identity {
  readonly generation: number;
  readonly annotations: JsonObject;
  readonly settings: Instrumentation;
  /** Whole and as it is: we wrote it, and write it again only where it would differ. */
  readonly status: JsonObject;
}

export function readObservedInstrumentation(json: unknown): ObservedInstrumentation | undefined {
  const metadata = metadataOf(json);
  const settings = readInstrumentation(json);
  if (!metadata || !settings || !isObject(json)) return undefined;
  return {
    ...identityOf(metadata),
    generation: countAt(metadata, 'generation'),
    annotations: annotationsOf(metadata),
    settings,
    status: objectAt(json, 'status') ?? {},
  };
}

const injectKeys = languages.map((language) => keys.inject(language));

/**
 * The Instrumentations that a pod in a namespace names, be it itself or by its namespace, each as
 * `namespace/name`. Whoever asks with a bare "true" means the only one of the namespace, whichever
 * that is: `namespace/*`.
 */
export function referencesOf(
  pod: JsonObject,
  { name, annotations }: Pick<Identity, 'name'> & { readonly annotations: JsonObject },
): readonly string[] {
  const found = injectKeys.flatMap((key) => {
    const value = merge(pod, annotations, key);
    if (value === undefined || value.toLowerCase() === 'false') return [];
    if (value.toLowerCase() === 'true') return [`${name}/*`];
    return [value.includes('/') ? value : `${name}/${value}`];
  });
  return [...new Set(found)];
}

/** Under what an Instrumentation can be referred to. */
export const referredToAs = ({
  namespace,
  name,
}: Pick<Identity, 'namespace' | 'name'>): readonly string[] => [
  `${namespace}/${name}`,
  `${namespace}/*`,
];

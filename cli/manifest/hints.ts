import { annotations as keys } from '../../crds/names.ts';
import { languages } from '../../domain/injection/instrumentation/settings.ts';
import { objectAt, type JsonObject } from '../../domain/json.ts';
import { problemAt } from './items.ts';
import type { Item, Path, Problem } from './model.ts';
import { pathText, placeOfKey } from './place.ts';
import type { Workload } from './workloads.ts';

const injectPrefix = keys.inject('');
const prefix = injectPrefix.slice(0, injectPrefix.indexOf('/') + 1);

/** What a person may have meant by annotations that nothing reads. */
export function hintsFor(
  { item, kind, at, pod }: Workload,
  reference: string | undefined,
): readonly Problem[] {
  const read = objectAt(objectAt(pod, 'metadata') ?? {}, 'annotations') ?? {};
  const right: Path = [...at, 'metadata', 'annotations'];
  const own: readonly Place[] = [
    { path: ['metadata', 'annotations'], what: `on the ${kind}'s own metadata` },
    { path: ['spec', 'jobTemplate', 'metadata', 'annotations'], what: "on the Job's metadata" },
    { path: [...at, 'annotations'], what: 'beside the metadata' },
    { path: ['metadata', 'labels'], what: 'among the labels' },
    { path: [...at, 'metadata', 'labels'], what: 'among the labels' },
  ];
  const misplaced = own
    .filter(({ path }) => pathText(path) !== pathText(right))
    .flatMap(({ path, what }) =>
      keysAt(item.json, path)
        .filter((key) => key.startsWith(prefix) && !(key in read))
        .map((key) =>
          hintAt(item, [...path, key], {
            sentence: `This annotation stands ${what}, where nothing reads it.`,
            remedy:
              reference === undefined
                ? `Move it to ${pathText([...item.at, ...right])}.`
                : `Move it to the pod template of ${reference}.`,
          }),
        ),
    );
  return [...misplaced, ...unknownLanguages(item, right)];
}

interface Place {
  readonly path: Path;
  readonly what: string;
}

/** Annotations that ask for a language there is not. */
export function unknownLanguages(item: Item, path: Path): readonly Problem[] {
  return keysAt(item.json, path)
    .filter((key) => key.startsWith(injectPrefix) && !known.has(key))
    .map((key) =>
      hintAt(item, [...path, key], {
        sentence: 'This annotation asks for a language that is not known.',
        remedy: `Write one of ${languages.join(', ')} behind "inject-".`,
      }),
    );
}

function hintAt(item: Item, path: Path, text: Pick<Problem, 'sentence' | 'remedy'>): Problem {
  const document = item.file.documents[item.document];
  const whole = [...item.at, ...path];
  const place = document === undefined ? {} : placeOfKey(item.file, document.yaml, whole);
  return { ...problemAt(item, path, text), ...place };
}

const known: ReadonlySet<string> = new Set([
  ...languages.map((language) => keys.inject(language)),
  keys.languageContainerNames('nginx'),
]);

function keysAt(json: JsonObject, path: Path): readonly string[] {
  let value: JsonObject = json;
  for (const key of path) value = objectAt(value, String(key)) ?? {};
  return Object.keys(value);
}

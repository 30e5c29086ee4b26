import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { images } from '../../config/images.ts';
import { admit, type Admission } from '../../domain/injection/admit.ts';
import type { Language } from '../../domain/injection/instrumentation/settings.ts';
import { readInstrumentation } from '../../domain/injection/instrumentation/read.ts';
import type { World } from '../../domain/injection/match.ts';
import { readLimitRange } from '../../domain/injection/pod/limit-range.ts';
import { indexInstrumentations } from '../../domain/injection/selector.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../domain/json.ts';

/** A folder: `pod.yaml`, and as needed `namespace.yaml`, `limit-range.yaml`, `instrumentation.yaml`, `settings.yaml`, `expected.yaml`. */
export interface Fixture {
  readonly name: string;
  readonly folder: string;
  readonly pod: JsonObject;
  readonly world: World;
  readonly instrumentations: readonly JsonObject[];
  readonly limitRanges: readonly JsonObject[];
  readonly expected: string;
}

const root = join(import.meta.dirname, '../fixtures/inject');

export const fixtures = (): readonly Fixture[] =>
  globSync(join(root, '*/*/pod.yaml'))
    .toSorted()
    .map((path) => readFixture(dirname(path)));

function readFixture(folder: string): Fixture {
  const [pod = {}] = documents(folder, 'pod.yaml');
  const [namespace = {}] = documents(folder, 'namespace.yaml');
  const [settings = {}] = documents(folder, 'settings.yaml');
  const limitRanges = documents(folder, 'limit-range.yaml');
  const instrumentations = documents(folder, 'instrumentation.yaml');
  const place = textAt(objectAt(pod, 'metadata') ?? {}, 'namespace') ?? 'default';
  const expected = join(folder, 'expected.yaml');
  return {
    name: relative(root, folder),
    folder,
    pod,
    instrumentations,
    limitRanges,
    expected: existsSync(expected) ? readFileSync(expected, 'utf8') : '',
    world: {
      namespace: {
        name: place,
        annotations: objectAt(objectAt(namespace, 'metadata') ?? {}, 'annotations') ?? {},
        labels: objectAt(objectAt(namespace, 'metadata') ?? {}, 'labels') ?? {},
        limits: limitRanges.flatMap((json) => readLimitRange(json) ?? []),
      },
      instrumentations: indexInstrumentations(
        instrumentations.map(readInstrumentation).filter((one) => one !== undefined),
      ),
      defaults: {
        images,
        disabled: (settings['disabled'] ?? []) as unknown as readonly Language[],
      },
    },
  };
}

function documents(folder: string, file: string): readonly JsonObject[] {
  const path = join(folder, file);
  if (!existsSync(path)) return [];
  return parseAllDocuments(readFileSync(path, 'utf8')).flatMap((document) => {
    const [problem] = 'errors' in document ? document.errors : [];
    if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
    const value: unknown = 'toJS' in document ? document.toJS() : undefined;
    return isObject(value) ? [value] : [];
  });
}

/** What is kept of an admission in `expected.yaml`. */
export function outcomeOf(admission: Admission): JsonObject {
  const { kind, ...rest } = admission;
  const members = Object.entries(rest).filter(
    ([key, value]) => key !== 'stamp' && !(Array.isArray(value) && value.length === 0),
  );
  return { outcome: kind, ...Object.fromEntries(members) };
}

export const outcomeText = ({ pod, world }: Fixture): string =>
  stringify(outcomeOf(admit(pod, world)), { lineWidth: 0, aliasDuplicateObjects: false });

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { marks } from '../../crds/names.ts';
import { admit, type Admission } from '../../domain/injection/admit.ts';
import { isObject, listAt, member, objectAt, textAt } from '../../domain/json.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { fixtures, type Fixture } from '../support/fixtures.ts';

/** What the operator makes of a pod, written down apart from any code of ours, as `stated.yaml`. */
interface Example {
  /** The pod as lines: see `linesOf`. */
  readonly pod: string;
  readonly differs?: readonly {
    readonly row: string;
    readonly stated: string;
    readonly here: string;
  }[];
}

interface Outcome {
  readonly operator: string;
  readonly here: {
    readonly outcome: Admission['kind'];
    readonly reason?: string;
    readonly instrumentation?: string;
  };
  readonly row?: string;
}

const statedIn = ({ folder }: Fixture): Example | Outcome | undefined => {
  const path = join(folder, 'stated.yaml');
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) as Example | Outcome) : undefined;
};

const stated = fixtures().flatMap((fixture) => {
  const one = statedIn(fixture);
  return one === undefined ? [] : [{ fixture, stated: one }];
});

for (const { fixture, stated: one } of stated) {
  if ('operator' in one) outcomeTest(fixture, one);
  else exampleTest(fixture, one);
}

test('every worked example and every outcome of the operator is there', (t) => {
  const names = stated
    .map(({ fixture }) => /(?:example|outcome)-\w+/.exec(fixture.name)?.[0] ?? fixture.name)
    .toSorted((one, other) => (one < other ? -1 : 1));
  const examples = Array.from({ length: 15 }, (_, i) => `example-${`${i + 1}`.padStart(2, '0')}`);
  const outcomes = Array.from({ length: 18 }, (_, i) => `outcome-${String.fromCodePoint(97 + i)}`);
  t.deepEqual(names, [...examples, ...outcomes]);
});

function exampleTest(fixture: Fixture, { pod, differs = [] }: Example): void {
  const rows = [...new Set(differs.map(({ row }) => row))].join(', ');
  const title = `${fixture.name} comes out as the operator gives it${rows && `, but for ${rows}`}`;
  test(title, (t) => {
    const admission = admit(fixture.pod, fixture.world);
    if (admission.kind === 'untouched') return t.fail('the pod was not touched');
    let expected = trimmed(pod);
    for (const { row, stated: there, here } of differs) {
      const parts = expected.split(trimmed(there));
      t.is(parts.length, 2, `${row}: the operator's text is found once`);
      expected = parts.join(trimmed(here));
    }
    t.is(linesOf(admission.pod), expected);
    t.deepEqual(withoutMarks(admission.pod), withoutMarks(fixture.pod));
    t.deepEqual(restOf(admission.pod), restOf(fixture.pod));
    for (const container of injectedInto(fixture.pod, admission.pod)) {
      t.deepEqual(member(container, 'resources'), resourcesOf(textAt(container, 'name') ?? ''));
    }
    return undefined;
  });
}

function outcomeTest(fixture: Fixture, { here, row }: Outcome): void {
  const title = `${fixture.name} ends as the operator lets it end${row === undefined ? '' : `, but for ${row}`}`;
  test(title, (t) => {
    const admission = admit(fixture.pod, fixture.world);
    const given = admission.kind === 'injected' ? admission.given[0]?.instrumentation : undefined;
    const reason = 'reason' in admission ? admission.reason : undefined;
    t.deepEqual(
      { outcome: admission.kind, reason, instrumentation: given },
      { reason: undefined, instrumentation: undefined, ...here },
    );
  });
}

/** Resources that the operator fills in where an Instrumentation says nothing. */
const requests: Readonly<Record<string, JsonObject>> = {
  'opentelemetry-auto-instrumentation-java': { cpu: '50m', memory: '64Mi' },
  'opentelemetry-auto-instrumentation-extension-0': { cpu: '50m', memory: '64Mi' },
  'opentelemetry-auto-instrumentation-extension-1': { cpu: '50m', memory: '64Mi' },
  'opentelemetry-auto-instrumentation-nodejs': { cpu: '50m', memory: '128Mi' },
  'opentelemetry-auto-instrumentation-python': { cpu: '50m', memory: '64Mi' },
  'opentelemetry-auto-instrumentation-dotnet': { cpu: '50m', memory: '128Mi' },
  'opentelemetry-auto-instrumentation': { cpu: '50m', memory: '64Mi' },
  'otel-agent-source-container-clone': { cpu: '1m', memory: '128Mi' },
  'otel-agent-attach-apache': { cpu: '1m', memory: '128Mi' },
  'otel-agent-attach-nginx': { cpu: '1m', memory: '128Mi' },
};

const resourcesOf = (name: string) => ({
  limits: { cpu: '500m', memory: '256Mi' },
  requests: requests[name],
});

const trimmed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())
    .join('\n');

const specOf = (pod: JsonObject) => objectAt(pod, 'spec') ?? {};

const objectsAt = (owner: JsonObject, key: string) => (listAt(owner, key) ?? []).filter(isObject);

const containersOf = (pod: JsonObject) =>
  ['initContainers', 'containers'].flatMap((key) => objectsAt(specOf(pod), key));

function injectedInto(before: JsonObject, after: JsonObject): readonly JsonObject[] {
  const names = new Set(containersOf(before).map(({ name }) => name));
  return containersOf(after).filter(({ name }) => !names.has(name ?? null));
}

function withoutMarks(pod: JsonObject): JsonObject {
  const metadata = objectAt(pod, 'metadata') ?? {};
  const annotations = Object.entries(objectAt(metadata, 'annotations') ?? {});
  const ours: readonly string[] = Object.values(marks);
  return {
    ...metadata,
    annotations: Object.fromEntries(annotations.filter(([key]) => !ours.includes(key))),
  };
}

const told = new Set(['initContainers', 'containers', 'volumes', 'shareProcessNamespace']);

/** What the lines say nothing of. */
const restOf = (pod: JsonObject) => Object.entries(specOf(pod)).filter(([key]) => !told.has(key));

/** A pod's spec as lines, in the order that counts: what is said, and nothing left out. */
function linesOf(pod: JsonObject): string {
  const spec = specOf(pod);
  return [
    ...(spec['shareProcessNamespace'] === true ? ['shared process namespace'] : []),
    ...objectsAt(spec, 'initContainers').flatMap((one) => containerLines('init container', one)),
    ...objectsAt(spec, 'containers').flatMap((one) => containerLines('container', one)),
    ...objectsAt(spec, 'volumes').map(({ name, ...source }) => {
      const [kind = ''] = Object.keys(source);
      return `volume ${text(name)} ${kind} ${sorted(member(source, kind))}`;
    }),
  ].join('\n');
}

function containerLines(what: string, container: JsonObject): readonly string[] {
  const { name, env: _env, volumeMounts: _mounts, resources: _resources, ...rest } = container;
  return [
    `${what} ${text(name)}`,
    ...Object.entries(labels).flatMap(([key, label]) => {
      const value = member(rest, key);
      return value === undefined ? [] : [`${label} ${plain(value)}`];
    }),
    ...objectsAt(container, 'env').map(envLine),
    ...objectsAt(container, 'volumeMounts').map(mountLine),
    ...Object.keys(rest)
      .filter((key) => !Object.hasOwn(labels, key))
      .map((key) => `${key} ${sorted(rest[key])}`),
  ];
}

const labels = {
  image: 'image',
  imagePullPolicy: 'pull policy',
  securityContext: 'security context',
  command: 'command',
  args: 'args',
};

/** A script is our own wording, so the lines only say that there is one. */
const plain = (value: Json) =>
  typeof value === 'string'
    ? value
    : sorted(
        Array.isArray(value)
          ? (value as readonly Json[]).map((item) =>
              typeof item === 'string' && item.includes('\n') ? '<script>' : item,
            )
          : value,
      );

function envLine({ name, value, valueFrom, ...rest }: JsonObject): string {
  const extra = Object.keys(rest).length === 0 ? '' : ` and ${sorted(rest)}`;
  if (valueFrom === undefined) return `env ${text(name)} ${sorted(value ?? '')}${extra}`;
  const [[kind, source] = ['', null]] = Object.entries(isObject(valueFrom) ? valueFrom : {});
  const fields = isObject(source) ? Object.values(source).map(text).join('/') : '';
  const beside = value === undefined ? '' : ` beside ${sorted(value)}`;
  return `env ${text(name)} from ${kind} ${fields}${beside}${extra}`;
}

function mountLine({ name, mountPath, subPath, readOnly, ...rest }: JsonObject): string {
  return [
    `mount ${text(name)} at ${text(mountPath)}`,
    ...(subPath === undefined ? [] : [`sub-path ${text(subPath)}`]),
    ...(readOnly === true ? ['read-only'] : []),
    ...(Object.keys(rest).length === 0 ? [] : [sorted(rest)]),
  ].join(' ');
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : sorted(value));

function sorted(value: Json | undefined): string {
  if (isObject(value)) {
    const members = Object.keys(value)
      .toSorted()
      .map((key) => `${JSON.stringify(key)}:${sorted(value[key])}`);
    return `{${members.join(',')}}`;
  }
  if (Array.isArray(value)) {
    return `[${(value as readonly Json[]).map((item) => sorted(item)).join(',')}]`;
  }
  return JSON.stringify(value ?? null);
}

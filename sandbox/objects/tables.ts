import type { Fields, Json } from '../api.ts';
import { fieldsOf, freeze, listOf, reach, textOf, type Thing } from './json.ts';
import type { Kind } from './kinds.ts';

interface Column {
  readonly name: string;
  readonly type?: string;
  readonly cell: (thing: Thing, now: Date) => Json | undefined;
}

const meta = (kind: string) => ({ kind, apiVersion: 'meta.k8s.io/v1' });

/** Whether the client wants rows for people instead of objects: kubectl does. */
export const wantsTable = (accept: string) => wants(accept, 'Table');

/** Whether the client has no use for more than metadata. */
export const wantsPartials = (accept: string) => wants(accept, 'PartialObjectMetadataList');

/** The parameters of a media type come in any order. */
function wants(accept: string, form: string): boolean {
  const [first = ''] = accept.split(',');
  const [, ...parameters] = first.split(';').map((word) => word.trim());
  return parameters.includes(`as=${form}`) && parameters.includes('v=v1');
}

export function tableOf(kind: Kind, things: readonly Thing[], metadata: Fields, now: Date): Fields {
  const columns = [name, ...(kind.columns?.map(printed) ?? columnsOf[kind.kind] ?? [])];
  const isAged = columns.some((column) => column.type === 'date');
  const all = isAged ? columns : [...columns, age];
  const columnDefinitions = all.map((column) => ({
    name: column.name,
    type: column.type ?? 'string',
    format: column === name ? 'name' : '',
    description: '',
    priority: 0,
  }));
  const rows = things.map((thing) => ({
    cells: all.map(({ cell }) => cell(thing, now) ?? null),
    object: partialOf(thing),
  }));
  return { ...meta('Table'), metadata, columnDefinitions, rows };
}

export const partialsOf = (things: readonly Thing[], metadata: Fields): Fields => ({
  ...meta('PartialObjectMetadataList'),
  metadata,
  // The real API server makes its list while it comes upon items, and so never for none.
  items: things.length === 0 ? null : things.map(partialOf),
});

/** What is stored never changes, so neither does this, and its text is made once. */
const partials = new WeakMap<Thing, Fields>();

function partialOf(thing: Thing): Fields {
  const known = partials.get(thing);
  if (known !== undefined) return known;
  const made = freeze({ ...meta('PartialObjectMetadata'), metadata: thing.metadata });
  partials.set(thing, made);
  return made;
}

const named = (title: string, path: string): Column => ({ name: title, cell: reach(path) });

function counted(title: string, path: string): Column {
  const count = reach(path);
  return { name: title, cell: (thing) => count(thing) ?? 0 };
}

function ratio(some: string, all: string): Column {
  const parts = [reach(some), reach(all)];
  const cell = (thing: Thing) => parts.map((part) => Number(part(thing) ?? 0)).join('/');
  return { name: 'Ready', cell };
}

function dated(title: string, path: string): Column {
  const date = reach(path);
  return { name: title, type: 'date', cell: (thing, now) => ageOf(textOf(date(thing)), now) };
}

const name = named('Name', 'metadata.name');
const age = dated('Age', 'metadata.creationTimestamp');

/** A column of a CustomResourceDefinition, whose path begins with a dot. */
function printed(column: Fields): Column {
  const [title, path] = [textOf(column['name']), textOf(column['jsonPath']).slice(1)];
  return column['type'] === 'date' ? dated(title, path) : named(title, path);
}

const columnsOf: Readonly<Record<string, readonly Column[]>> = {
  Namespace: [named('Status', 'status.phase')],
  Pod: [
    {
      name: 'Ready',
      cell: (pod) =>
        `${containersOf(pod).filter(isReady).length}/${listOf(containersIn(pod)).length}`,
    },
    { name: 'Status', cell: statusOf },
    { name: 'Restarts', cell: (pod) => restartsOf(pod) },
  ],
  Deployment: [
    ratio('status.readyReplicas', 'spec.replicas'),
    counted('Up-to-date', 'status.updatedReplicas'),
    counted('Available', 'status.availableReplicas'),
  ],
  ReplicaSet: [ratio('status.readyReplicas', 'spec.replicas')],
  StatefulSet: [ratio('status.readyReplicas', 'spec.replicas')],
  DaemonSet: [
    ratio('status.numberReady', 'status.desiredNumberScheduled'),
    counted('Up-to-date', 'status.updatedNumberScheduled'),
  ],
  Event: [
    named('Type', 'type'),
    named('Reason', 'reason'),
    named('Object', 'involvedObject.name'),
    named('Message', 'message'),
  ],
};

const containersIn = reach('spec.containers');
const [startingIn, runningIn] = [
  reach('status.initContainerStatuses'),
  reach('status.containerStatuses'),
];
const containersOf = (pod: Thing, statuses = runningIn) => listOf(statuses(pod)).map(fieldsOf);
const isReady = ({ ready }: Fields) => ready === true;
const restartsOf = (pod: Thing) =>
  containersOf(pod).reduce((sum, { restartCount }) => sum + Number(restartCount ?? 0), 0);

/** The first container that has something to say speaks for the pod. */
function statusOf(pod: Thing): Json | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const starting = containersOf(pod, startingIn).filter((one) => !isReady(one));
  const reasons = [...starting, ...containersOf(pod)].map(
    ({ state }) => waitsFor(state) ?? endedBy(state),
  );
  return reasons.find((reason) => reason !== undefined) ?? phaseOf(pod);
}

const waitsFor = reach('waiting.reason');
const endedBy = reach('terminated.reason');
const phaseOf = reach('status.phase');

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Two of the largest unit, at least: `119s`, then `2m`. */
function ageOf(time: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / 1_000));
  const [unit, size] = units.find(([, each]) => seconds >= 2 * each) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

import type { Fields, Json } from '../api.ts';
import { at, fieldsOf, listOf, textOf, type Thing } from './json.ts';
import { served, type Kind } from './kinds.ts';
import { Refusal } from './refusals.ts';

/** How the client wants objects told: whole, their metadata alone, or as rows for people. */
export type View = 'whole' | 'metadata' | 'table';

export function viewOf(accept: string): View {
  for (const part of accept.split(',')) {
    const form = /;as=(?<form>\w+)/.exec(part)?.groups?.['form'];
    if (form === undefined && /^\s*(?:application\/json|application\/\*|\*\/\*|\s*$)/.test(part)) return 'whole';
    if (form?.startsWith('PartialObjectMetadata') === true) return 'metadata';
    if (form === 'Table' && part.includes('v=v1;')) return 'table';
  }
  throw new Refusal(406, 'NotAcceptable', `only the following media types are accepted: application/json`, { details: {} });
}

const apiVersionOf = ({ group, version }: Kind) => (group === '' ? version : `${group}/${version}`);

/** One object by itself, as the answer to a get or inside a watch event. */
export function shown(kind: Kind, thing: Thing, view: View, now: Date): Fields {
  if (view === 'table') return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: thing.metadata.resourceVersion }, columnDefinitions: headings(kind), rows: [rowOf(kind, thing, now)] };
  if (view === 'metadata') return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: thing.metadata };
  return { kind: kind.kind, apiVersion: apiVersionOf(kind), ...served(kind, thing) };
}

export function shownList(kind: Kind, things: readonly Thing[], metadata: Fields, { view, now }: { view: View; now: Date }): Fields {
  if (view === 'table') return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: headings(kind), rows: things.map((thing) => rowOf(kind, thing, now)) };
  if (view === 'metadata') return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: things.map((thing) => shown(kind, thing, view, now)) };
  const items = kind.names === undefined ? things : things.map((thing) => served(kind, thing));
  const isCustom = kind.custom !== undefined;
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items: isCustom ? items.map((thing) => shown(kind, thing, view, now)) : items };
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly priority?: number;
  readonly cell: (thing: Thing, now: Date) => Json;
}

const headings = (kind: Kind): readonly Fields[] =>
  columnsOf(kind).map(({ name, type, priority = 0 }) => ({ name, type, format: name === 'Name' ? 'name' : '', description: '', priority }));

const rowOf = (kind: Kind, thing: Thing, now: Date): Fields => ({
  cells: columnsOf(kind).map(({ cell }) => cell(thing, now)),
  object: shown(kind, thing, 'metadata', now),
});

const nameColumn: Column = { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name };
const ageColumn: Column = { name: 'Age', type: 'string', cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now) };

function columnsOf({ kind, custom }: Kind): readonly Column[] {
  if (custom === undefined) return [nameColumn, ...(columns[kind] ?? []), ageColumn];
  const own = custom.columns.map(({ name, type, priority, jsonPath }) => ({
    name: textOf(name),
    type: textOf(type),
    priority: Number(priority ?? 0),
    cell: (thing: Thing, now: Date) => (type === 'date' ? ageOf(atPath(thing, textOf(jsonPath)), now) : (atPath(thing, textOf(jsonPath)) ?? null)),
  }));
  return [nameColumn, ...(own.length === 0 ? [ageColumn] : own)];
}

/** The little of JSONPath that printer columns use: names, and `[?(@.type=="Ready")]`. */
function atPath(thing: Thing, path: string): Json | undefined {
  let found: Json | undefined = thing;
  for (const [, name, key, value, index] of path.matchAll(/\.(\w[\w-]*)|\[\?\(@\.(\w+)==["'](.*?)["']\)\]|\[(\d+)\]/g)) {
    if (name !== undefined) found = fieldsOf(found)[name];
    else if (key !== undefined) found = listOf(found).find((one) => fieldsOf(one)[key] === value);
    else found = listOf(found)[Number(index)];
  }
  return found;
}

function ageOf(time: Json | undefined, now: Date): Json {
  if (typeof time !== 'string') return '<unknown>';
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

const text = (name: string, path: string): Column => ({ name, type: 'string', cell: (thing) => at(thing, path) ?? '' });
const count = (name: string, path: string): Column => ({ name, type: 'integer', cell: (thing) => at(thing, path) ?? 0 });
const ratio = (name: string, part: string, all: string): Column => ({ name, type: 'string', cell: (thing) => `${Number(at(thing, part) ?? 0)}/${Number(at(thing, all) ?? 0)}` });

const statuses = (pod: Thing) => listOf(at(pod, 'status.containerStatuses')).map(fieldsOf);

function podStatus(pod: Thing): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const states = [...listOf(at(pod, 'status.initContainerStatuses')).map(fieldsOf).filter(({ ready }) => ready !== true), ...statuses(pod)];
  const reasons = states.map(({ state }) => textOf(at(state, 'waiting.reason') ?? at(state, 'terminated.reason')));
  return reasons.find((reason) => reason !== '' && reason !== 'PodInitializing') ?? textOf(at(pod, 'status.phase'));
}

const columns: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    { name: 'Ready', type: 'string', cell: (pod) => `${statuses(pod).filter(({ ready }) => ready === true).length}/${listOf(at(pod, 'spec.containers')).length}` },
    { name: 'Status', type: 'string', cell: podStatus },
    { name: 'Restarts', type: 'string', cell: (pod) => String(statuses(pod).reduce((sum, { restartCount }) => sum + Number(restartCount ?? 0), 0)) },
  ],
  Deployment: [ratio('Ready', 'status.readyReplicas', 'spec.replicas'), count('Up-to-date', 'status.updatedReplicas'), count('Available', 'status.availableReplicas')],
  ReplicaSet: [count('Desired', 'spec.replicas'), count('Current', 'status.replicas'), count('Ready', 'status.readyReplicas')],
  StatefulSet: [ratio('Ready', 'status.readyReplicas', 'spec.replicas')],
  DaemonSet: [count('Desired', 'status.desiredNumberScheduled'), count('Current', 'status.currentNumberScheduled'), count('Ready', 'status.numberReady'), count('Up-to-date', 'status.updatedNumberScheduled'), count('Available', 'status.numberAvailable')],
  Namespace: [text('Status', 'status.phase')],
  Node: [{ name: 'Status', type: 'string', cell: (node) => (listOf(at(node, 'status.conditions')).some((one) => fieldsOf(one)['type'] === 'Ready' && fieldsOf(one)['status'] === 'True') ? 'Ready' : 'NotReady') }],
  Service: [text('Type', 'spec.type'), text('Cluster-IP', 'spec.clusterIP')],
  Event: [text('Type', 'type'), text('Reason', 'reason'), { name: 'Object', type: 'string', cell: (event) => `${textOf(at(event, 'involvedObject.kind')).toLowerCase()}/${textOf(at(event, 'involvedObject.name'))}` }, text('Message', 'message')],
};

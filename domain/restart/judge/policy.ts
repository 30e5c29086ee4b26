import { annotations as keys } from '../../../crds/names.ts';
import { objectAt, textAt, type JsonObject } from '../../json.ts';
import type { ObservedInstrumentation } from '../records/instrumentation.ts';
import type { Namespace } from '../records/namespace.ts';
import type { Workload } from '../records/workload.ts';
import { remediations, type Policy, type Remediation } from '../snapshot.ts';

/** What holds for all workloads. */
export interface Rules {
  readonly remediation: Remediation;
  readonly restartsOutdated: boolean;
  readonly protectedNamespaces: ReadonlySet<string>;
  /** Our own namespace: nothing in it is restarted, and its "off" stops every restart. */
  readonly home: Pick<Namespace, 'name' | 'annotations'>;
}

/** Everybody with a say in one workload. */
export interface Speakers {
  readonly workload: Workload;
  readonly namespace: Pick<Namespace, 'annotations'> | undefined;
  readonly instrumentations: readonly Pick<ObservedInstrumentation, 'annotations'>[];
}

export function policyOf(speakers: Speakers, rules: Rules): Policy {
  const { workload, namespace, instrumentations } = speakers;
  const own = [workload.annotations, annotationsIn(workload.template)];
  const around = namespace?.annotations ?? {};
  const governing = instrumentations.map(({ annotations }) => annotations);
  const nearby = first(own, remediationIn) ?? remediationIn(around);
  const said = [rules.home.annotations, ...own, around, ...governing].map(remediationIn);
  const isOff = said.includes('off') || rules.remediation === 'off';
  return {
    remediation: isOff ? 'off' : (nearby ?? strictest(governing) ?? rules.remediation),
    isInsistent: nearby === 'restart',
    restartsOutdated:
      first([...own, around], outdatedIn) ?? unanimous(governing) ?? rules.restartsOutdated,
    isProtected:
      workload.namespace === rules.home.name || rules.protectedNamespaces.has(workload.namespace),
    resumedTo: resumedIn(workload.annotations),
  };
}

const annotationsIn = (template: JsonObject): JsonObject =>
  objectAt(objectAt(template, 'metadata') ?? {}, 'annotations') ?? {};

function first<T>(
  places: readonly JsonObject[],
  read: (annotations: JsonObject) => T | undefined,
): T | undefined {
  for (const place of places) {
    const found = read(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whoever wrote something else did not mean "restart". */
function remediationIn(annotations: JsonObject): Remediation | undefined {
  const text = textAt(annotations, keys.remediation)?.toLowerCase();
  if (text === undefined) return undefined;
  return remediations.find((one) => one === text) ?? 'observe';
}

function strictest(governing: readonly JsonObject[]): Remediation | undefined {
  const said = governing.map(remediationIn);
  return said.includes('observe') ? 'observe' : said.find((one) => one !== undefined);
}

function outdatedIn(annotations: JsonObject): boolean | undefined {
  const text = textAt(annotations, keys.restartOutdated)?.toLowerCase();
  return text === undefined ? undefined : text === 'true';
}

/** Nobody can tell by which of several Instrumentations a pod is out of date, so all must agree. */
function unanimous(governing: readonly JsonObject[]): boolean | undefined {
  const said = governing.map(outdatedIn);
  if (said.every((one) => one === undefined)) return undefined;
  return said.every((one) => one === true);
}

export function resumedIn(annotations: JsonObject): number {
  const text = textAt(annotations, keys.resume) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

import { stringify } from 'yaml';
import type { JsonObject } from '../../domain/json.ts';
import type { Reason } from '../../domain/reasons.ts';
import {
  entryOf,
  lineOf,
  nameOf,
  notesOf,
  outcomeOf,
  refusalsOf,
  totalsOf,
  type Report,
  type Result,
} from './report.ts';

/** The report for programs. Members may be added, never renamed. */
export function reportJson(report: Report): JsonObject {
  return JSON.parse(
    JSON.stringify({
      workloads: report.results.map(workloadJson),
      hints: report.hints,
      instrumentations: report.known,
      totals: totalsOf(report),
    }),
  ) as JsonObject;
}

export const jsonText = (report: Report) => `${JSON.stringify(reportJson(report), null, 2)}\n`;

export const yamlText = (report: Report) => stringify(reportJson(report), { lineWidth: 0 });

function workloadJson(result: Result) {
  const { workload } = result;
  const { kind, namespace, name, item } = workload;
  return {
    workload: nameOf(workload),
    kind,
    namespace,
    name,
    file: item.file.path,
    line: lineOf(workload),
    outcome: outcomeOf(result),
    ...untouchedJson(result),
    injected: givenJson(result),
    refused: refusalsOf(result).map(explained),
    noted: notesOf(result).map(explained),
  };
}

function untouchedJson(result: Result) {
  if (result.kind === 'elsewhere') return { podsOf: result.reference };
  const { admission } = result;
  return admission.kind === 'untouched' ? explained({ reason: admission.reason }) : {};
}

function givenJson(result: Result) {
  if (result.kind === 'elsewhere' || result.admission.kind !== 'injected') return [];
  return result.admission.given;
}

function explained<T extends { readonly reason: Reason }>(about: T) {
  const { summary, remedy } = entryOf(about.reason);
  return { ...about, summary, remedy };
}

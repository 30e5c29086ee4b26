import { labels as keys, marks } from '../../../crds/names.ts';
import { digest } from '../../injection/stamp.ts';
import { objectAt, textAt, type JsonObject } from '../../json.ts';
import { annotationsOf, labelsOf, type Seconds } from './metadata.ts';

/** What tells one pod template from another, our restarts apart. */
export interface TemplateMark {
  readonly marker: Marker | undefined;
  /** Of everything in the template but the marker: equal where only we have restarted. */
  readonly digest: string;
}

/** How templates are told apart. */
export type ReadMark = (template: JsonObject) => TemplateMark;

/**
 * Reads a template as it stands in a workload, a ReplicaSet or a ControllerRevision, so that the
 * three can be compared: each adds something of its own beside annotations, labels and spec.
 */
export function markTemplate(template: JsonObject): TemplateMark {
  const metadata = objectAt(template, 'metadata') ?? {};
  const { [marks.restart]: _mark, ...annotations } = annotationsOf(metadata);
  const { [keys.podTemplateHash]: _hash, ...labels } = labelsOf(metadata);
  const spec = objectAt(template, 'spec') ?? {};
  return { marker: markerIn(template), digest: digest([annotations, labels, spec]) };
}

export function markerIn(template: JsonObject): Marker | undefined {
  const marker = textAt(annotationsOf(objectAt(template, 'metadata') ?? {}), marks.restart);
  return marker === undefined ? undefined : readMarker(marker);
}

/** What the template says of our restarts of its workload. */
export interface Marker {
  readonly asked: string;
  /** The how manieth restart it was: each has a number of its own, whatever was asked. */
  readonly number: number;
  /** Of the last four restarts, newest first. */
  readonly times: readonly Seconds[];
}

const mostTimes = 4;

export function writeMarker({ asked, number, times }: Marker): string {
  const written = times.slice(0, mostTimes).map((at) => at.toString(36));
  return [asked, number, ...written].join('.');
}

/** Whatever else stands in the annotation is no marker of ours. */
export function readMarker(text: string): Marker | undefined {
  const found = /^(?<asked>[0-9a-f]{16})\.(?<number>\d{1,9})(?<times>(?:\.[0-9a-z]{1,8})*)$/.exec(
    text,
  );
  const { asked, number, times } = found?.groups ?? {};
  if (asked === undefined || number === undefined || times === undefined) return undefined;
  const read = times.split('.').slice(1, mostTimes + 1);
  return { asked, number: Number(number), times: read.map((at) => Number.parseInt(at, 36)) };
}

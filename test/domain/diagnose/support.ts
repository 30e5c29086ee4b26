import { evidenceOf } from '../../../cli/doctor/doctor.ts';
import type { Gathered } from '../../../cli/doctor/evidence.ts';
import { gatheredIn } from '../../../cli/doctor/files.ts';
import { readSettings } from '../../../config/settings.ts';
import {
  readCluster,
  type Cluster,
  type Evidence,
  type Subject,
} from '../../../domain/diagnose/cluster.ts';
import type { Finding } from '../../../domain/diagnose/finding.ts';
import { textAt } from '../../../domain/json.ts';
import { noon, objectsOf, type Scene } from '../../cli/doctor/cluster.ts';

const reading = readSettings([], {}, undefined);

/** What is known of a scene, with what differs. */
export function evidenceOn(scene: Scene, differences: Partial<Gathered> = {}): Evidence {
  if (reading.kind !== 'settings') throw new Error('the defaults are refused');
  const items = objectsOf(scene).map((json) => ({ kind: textAt(json, 'kind') ?? '', json }));
  return evidenceOf({ ...gatheredIn(items), ...differences }, reading.settings, noon);
}

export const clusterOf = (scene: Scene, differences: Partial<Evidence> = {}): Cluster =>
  readCluster({ ...evidenceOn(scene), ...differences });

/** The workload shop/cart. */
export function cartIn(cluster: Cluster): Subject {
  const subject = cluster.subjects.find(({ judgement }) => judgement.workload.name === 'cart');
  if (subject === undefined) throw new Error('the scene has no cart');
  return subject;
}

export const keysOf = (findings: readonly Finding[]) => findings.map(({ check }) => check);

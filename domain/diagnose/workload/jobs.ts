import { isObject, listAt, objectAt, textAt } from '../../json.ts';
import { ownerOf } from '../../restart/records/metadata.ts';
import { placeOf, specOf, type Cluster } from '../cluster.ts';
import { finding, type Finding } from '../finding.ts';

const sidecarName = 'opentelemetry-auto-instrumentation';

/** Jobs are never restarted, and so no subjects; their pods tell of those that cannot come to an end. */
export const jobFindings = ({ all }: Cluster): readonly Finding[] => {
  const jobs = all('Pod').flatMap((pod) => {
    const containers = (listAt(specOf(pod), 'containers') ?? []).filter(isObject);
    if (!containers.some((one) => textAt(one, 'name') === sidecarName)) return [];
    const owner = ownerOf(objectAt(pod, 'metadata') ?? {});
    const [namespace = ''] = placeOf(pod).split('/');
    return owner?.kind === 'Job' ? [`Job/${namespace}/${owner.name}`] : [];
  });
  return [...new Set(jobs)].map((key) => finding('SidecarOutlivesJob', key, { workloads: [key] }));
};

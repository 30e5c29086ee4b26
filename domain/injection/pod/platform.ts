import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import type { Pod } from './shape.ts';

/** Whether a pod can only run where no agent does. */
export function runsOnWindows({ spec, containers, initContainers }: Pod): boolean {
  const nodes = objectAt(spec, 'nodeSelector') ?? {};
  return (
    textAt(objectAt(spec, 'os') ?? {}, 'name') === 'windows' ||
    systemLabels.some((label) => textAt(nodes, label) === 'windows') ||
    // All containers of a pod or none are of the host, so one tells for the others.
    [spec, ...containers, ...initContainers].some(isOfWindowsHost) ||
    wantsWindows(spec)
  );
}

/** Nodes still carry the older one, and older manifests choose by it. */
const systemLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

function isOfWindowsHost(owner: JsonObject): boolean {
  const options = objectAt(objectAt(owner, 'securityContext') ?? {}, 'windowsOptions');
  return member(options ?? {}, 'hostProcess') === true;
}

/** Terms are alternatives, and a node must meet all that one of them asks. */
function wantsWindows(spec: JsonObject): boolean {
  const affinity = objectAt(objectAt(spec, 'affinity') ?? {}, 'nodeAffinity') ?? {};
  const required = objectAt(affinity, 'requiredDuringSchedulingIgnoredDuringExecution') ?? {};
  const terms = (listAt(required, 'nodeSelectorTerms') ?? []).filter(isObject);
  return terms.length > 0 && terms.every(asksForIt);
}

const asksForIt = (term: JsonObject) =>
  (listAt(term, 'matchExpressions') ?? []).filter(isObject).some(isForWindows);

function isForWindows(expression: JsonObject): boolean {
  const values = listAt(expression, 'values') ?? [];
  return (
    systemLabels.includes(textAt(expression, 'key') ?? '') &&
    member(expression, 'operator') === 'In' &&
    values.length === 1 &&
    values[0] === 'windows'
  );
}

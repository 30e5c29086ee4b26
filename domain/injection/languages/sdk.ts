import {
  refuse,
  subjectOf,
  targetsOf,
  type Attempt,
  type Injector,
  type Request,
} from '../injector.ts';
import { findContainer, replaceContainer, type Draft } from '../pod/draft.ts';
import { Environment } from '../pod/environment.ts';
import { addTlsMounts, addTlsVolumes, tlsSources } from '../sdk/exporter.ts';
import { addSdkVariables, addSharedEntries } from '../sdk/variables.ts';
import type { Refusal } from '../match.ts';

/** Variables alone, for applications that bring their own SDK. */
export const sdk: Injector = { inject };

function inject(draft: Draft, request: Request): Attempt {
  const sources = tlsSources(request.ask.instrumentation.shared.tls);
  const withTls = addTlsVolumes(draft, sources);
  if ('taken' in withTls) return refuse(draft, request, 'NameTaken', { detail: withTls.taken });
  const targets = targetsOf(request);
  const refusals: Refusal[] = [...targets.refusals];
  const given: string[] = [];
  let next = withTls;
  for (const name of targets.found) {
    const container = findContainer(next, name);
    if (container === undefined) continue;
    const mounted = addTlsMounts(container, sources);
    if ('taken' in mounted) {
      refusals.push({
        language: 'sdk',
        reason: 'NameTaken',
        container: name,
        detail: mounted.taken,
      });
      continue;
    }
    const env = new Environment(container, request.joinEnv);
    const subject = subjectOf(request, container);
    addSharedEntries(env, subject);
    if (!addSdkVariables(env, 'sdk', subject)) {
      refusals.push({
        language: 'sdk',
        reason: 'EnvironmentByReference',
        container: name,
        detail: 'OTEL_RESOURCE_ATTRIBUTES',
      });
      continue;
    }
    next = replaceContainer(next, { ...mounted.container, env: env.entries });
    given.push(name);
  }
  return { draft: given.length === 0 ? draft : next, containers: given, refusals, notes: [] };
}

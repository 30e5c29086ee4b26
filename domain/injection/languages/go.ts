import { annotations as keys } from '../../../crds/names.ts';
import { member, objectAt, type JsonObject } from '../../json.ts';
import type { ReasonFor } from '../../reasons.ts';
import {
  pullPolicy,
  refuse,
  resourcesFor,
  subjectOf,
  oneTargetOf,
  type Attempt,
  type Injector,
  type Note,
  type Request,
} from '../injector.ts';
import { addVolume, findContainer, findVolume, type Draft } from '../pod/draft.ts';
import { Environment } from '../pod/environment.ts';
import type { Container, Pod } from '../pod/shape.ts';
import { addTlsMounts, addTlsVolumes, tlsSources } from '../sdk/exporter.ts';
import { lacksEndpoint, protocolMismatch } from '../sdk/protocol.ts';
import { addSdkVariables, addSharedEntries } from '../sdk/variables.ts';

const sidecarName = 'opentelemetry-auto-instrumentation';
const targetVariable = 'OTEL_GO_AUTO_TARGET_EXE';
const kernel = { name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug' } };
const root = { runAsUser: 0, privileged: true };

/** A privileged sidecar that watches its neighbour's process; the application stays as it is. */
export const go: Injector = { inject };

function inject(draft: Draft, request: Request): Attempt {
  const { target, refusals } = oneTargetOf(draft, request);
  if (target === undefined) return { draft, containers: [], refusals, notes: [] };
  const attempt = objectionOf(draft, request) ?? watch(draft, request, target);
  return { ...attempt, refusals: [...attempt.refusals, ...refusals] };
}

function watch(draft: Draft, request: Request, target: Container): Attempt {
  const sources = tlsSources(request.ask.instrumentation.shared.tls);
  const hasVolume = findVolume(draft, kernel.name) !== undefined;
  const withTls = addTlsVolumes(hasVolume ? draft : addVolume(draft, kernel), sources);
  if ('taken' in withTls) return refuse(draft, request, 'NameTaken', { detail: withTls.taken });
  const env = environmentFor(request, target);
  if (typeof env === 'string') return refuse(draft, request, env, { container: target.name });
  const mounted = addTlsMounts(sidecarOf(request, env), sources);
  if ('taken' in mounted) return refuse(draft, request, 'NameTaken', { detail: mounted.taken });

  const next = {
    ...withTls,
    containers: [...withTls.containers, mounted.container],
    shareProcessNamespace: !seesTheNode(request.pod),
  };
  return {
    draft: next,
    containers: [target.name],
    refusals: [],
    notes: notesOn(env, target.name, request),
  };
}

function objectionOf(draft: Draft, request: Request): Attempt | undefined {
  const { pod, ask } = request;
  if (member(pod.spec, 'shareProcessNamespace') === false && !seesTheNode(pod)) {
    return refuse(draft, request, 'ProcessNamespaceNotShared');
  }
  // What the sidecar mounts cannot be given to users who are not the node's, so it would never start.
  if (member(pod.spec, 'hostUsers') === false) {
    return refuse(draft, request, 'UnsupportedPlatform', { detail: 'hostUsers: false' });
  }
  const nonRoot = member(objectAt(pod.spec, 'securityContext') ?? {}, 'runAsNonRoot') === true;
  if (nonRoot && ask.instrumentation.agents.go.securityContext === undefined) {
    return refuse(draft, request, 'RootRequired');
  }
  const volume = findVolume(draft, kernel.name);
  const isKernels =
    volume !== undefined && objectAt(volume, 'hostPath')?.['path'] === kernel.hostPath.path;
  if (volume !== undefined && !isKernels)
    return refuse(draft, request, 'NameTaken', { detail: kernel.name });
  const taken = findContainer(draft, sidecarName);
  return taken === undefined
    ? undefined
    : refuse(draft, request, 'NameTaken', { detail: sidecarName });
}

/** In the node's process namespace every process is in sight, and Kubernetes forbids to share another. */
const seesTheNode = ({ spec }: Pod) => member(spec, 'hostPID') === true;

/** The sidecar speaks for the application, so what the application says of itself goes along. */
function environmentFor(
  request: Request,
  container: Container,
): Environment | ReasonFor<'refused'> {
  const { ask, pod } = request;
  const env = new Environment({ name: sidecarName, env: [] }, []);
  const executable = member(pod.annotations, keys.goTargetExecutable);
  if (typeof executable === 'string') env.append({ name: targetVariable, value: executable });
  env.appendMissing(ask.instrumentation.agents.go.env);
  const subject = subjectOf(request, container);
  const own = new Environment(container, []);
  for (const name of ['OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES']) {
    const value = own.plain(name);
    if (value !== undefined && value !== '' && !value.includes('$('))
      env.appendMissing([{ name, value }]);
  }
  addSharedEntries(env, subject);
  if (!addSdkVariables(env, 'go', subject)) return 'EnvironmentByReference';
  return env.has(targetVariable) ? env : 'TargetExecutableMissing';
}

function sidecarOf({ ask, image, pod }: Request, env: Environment): Container {
  const { shared, agents } = ask.instrumentation;
  const usual: JsonObject = { cpu: '50m', memory: '64Mi' };
  return {
    name: sidecarName,
    image,
    env: env.entries,
    ...resourcesFor(agents.go.resources, usual, pod),
    ...pullPolicy(shared),
    securityContext: agents.go.securityContext ?? root,
    volumeMounts: [{ name: kernel.name, mountPath: kernel.hostPath.path }],
  };
}

function notesOn(env: Environment, container: string, { owners }: Request): readonly Note[] {
  const about = { language: 'go', container } as const;
  const isOfJob = owners.some(({ kind }) => kind === 'job');
  const mismatch = protocolMismatch('go', env);
  return [
    ...(isOfJob ? [{ ...about, reason: 'SidecarOutlivesJob' as const }] : []),
    ...(lacksEndpoint(env)
      ? [{ ...about, reason: 'EndpointMissing' as const }]
      : mismatch === undefined
        ? []
        : [{ ...about, reason: 'ProtocolMismatch' as const, detail: mismatch }]),
  ];
}

import {
  refuse,
  subjectOf,
  oneTargetOf,
  type Attempt,
  type Injector,
  type Note,
  type Request,
} from '../injector.ts';
import {
  addInitContainers,
  addVolume,
  findContainer,
  findVolume,
  replaceContainer,
  type Draft,
} from '../pod/draft.ts';
import { Environment } from '../pod/environment.ts';
import type { Container } from '../pod/shape.ts';
import { attributesOf, readAttributes, serviceName } from '../sdk/attributes.ts';
import { addTlsMounts, addTlsVolumes, tlsSources } from '../sdk/exporter.ts';
import { lacksEndpoint, protocolMismatch } from '../sdk/protocol.ts';
import { addSdkVariables, addSharedEntries } from '../sdk/variables.ts';
import {
  appMounts,
  attachContainer,
  cloneContainer,
  cloneName,
  oneWord,
  takenPath,
  type Service,
  type WebServer,
} from './webserver-files.ts';

export function webServer(server: WebServer): Injector {
  return { inject: (draft, request) => inject(server, draft, request) };
}

function inject(server: WebServer, draft: Draft, request: Request): Attempt {
  if (findContainer(draft, cloneName) !== undefined) return refuse(draft, request, 'AgentsExclude');
  const { target, refusals } = oneTargetOf(draft, request);
  if (target === undefined) return { draft, containers: [], refusals, notes: [] };
  const attempt = instrument(server, draft, request, target);
  return { ...attempt, refusals: [...attempt.refusals, ...refusals] };
}

function instrument(
  server: WebServer,
  draft: Draft,
  request: Request,
  original: Container,
): Attempt {
  const { shared, agents } = request.ask.instrumentation;
  const settings = agents[server.language];
  const sources = tlsSources(shared.tls);
  const volumes = server.volumes(settings);
  const taken = takenName(server, draft);
  if (taken !== undefined) return refuse(draft, request, 'NameTaken', { detail: taken });

  const env = new Environment(original, request.joinEnv);
  env.appendMissing(settings.env);
  const cloned = [...env.entries];
  const refusal = (reason: 'EnvironmentByReference' | 'NameTaken', detail: string) =>
    refuse(draft, request, reason, { container: original.name, detail });
  if (server.prepare?.(env) === false) return refusal('EnvironmentByReference', 'LD_LIBRARY_PATH');
  const subject = subjectOf(request, original);
  addSharedEntries(env, subject);
  const service = serviceOf(server, request, original, env);
  if (!addSdkVariables(env, server.language, subject))
    return refusal('EnvironmentByReference', 'OTEL_RESOURCE_ATTRIBUTES');

  const directory = server.configDirectory(settings);
  const path = takenPath(original, directory);
  if (path !== undefined) return refusal('NameTaken', path);
  const mounts = appMounts(server, original, directory);
  const mounted = addTlsMounts({ ...original, env: env.entries, volumeMounts: mounts }, sources);
  if ('taken' in mounted) return refusal('NameTaken', mounted.taken);

  const copies = [
    cloneContainer(server, original, cloned, request),
    attachContainer(server, request, original, server.conf(settings, service)),
  ];
  let next = addVolume(draft, { name: server.configVolume, ...volumes.config });
  next = addVolume(next, { name: server.agentVolume, ...volumes.agent });
  next = addInitContainers(replaceContainer(next, mounted.container), copies, original.name);
  const withTls = addTlsVolumes(next, sources);
  if ('taken' in withTls) return refuse(draft, request, 'NameTaken', { detail: withTls.taken });
  return {
    draft: withTls,
    containers: [original.name],
    refusals: [],
    notes: notesOn(server, env, original.name),
  };
}

/** A volume or container that has a name of ours already. */
const takenName = ({ configVolume, agentVolume, attachName }: WebServer, draft: Draft) =>
  [configVolume, agentVolume].find((name) => findVolume(draft, name) !== undefined) ??
  findContainer(draft, attachName)?.name;

/** The module reads no environment, so what the container says there is written into its file. */
function serviceOf(
  server: WebServer,
  request: Request,
  container: Container,
  env: Environment,
): Service {
  const subject = subjectOf(request, container);
  const stated = readAttributes(
    new Environment(container, []).plain('OTEL_RESOURCE_ATTRIBUTES') ?? '',
  );
  const attributes = attributesOf(subject, stated);
  const said = (name: string) => {
    const value = env.plain(name);
    return value === undefined || value === '' || value.includes('$(') ? undefined : value;
  };
  const { namespace } = request;
  const place = namespace === '' ? attributes.get('k8s.namespace.name') : namespace;
  const endpoint = said('OTEL_EXPORTER_OTLP_ENDPOINT') ?? subject.shared.endpoint;
  return {
    name: oneWord(said('OTEL_SERVICE_NAME') ?? serviceName(subject, attributes, stated)),
    namespace: oneWord(place ?? server.language),
    endpoint: oneWord(endpoint ?? 'http://localhost:4317/'),
  };
}

function notesOn({ language }: WebServer, env: Environment, container: string): readonly Note[] {
  const about = { language, container } as const;
  if (lacksEndpoint(env)) return [{ ...about, reason: 'EndpointMissing' }];
  const mismatch = protocolMismatch(language, env);
  return mismatch === undefined ? [] : [{ ...about, reason: 'ProtocolMismatch', detail: mismatch }];
}

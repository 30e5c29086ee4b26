import { posix } from 'node:path';
import type { Container, EnvVar, Mount } from '../../case.ts';
import { mountCertificates } from '../sdk/certificates.ts';
import { addSharedEntries, Environment } from '../sdk/environment.ts';
import { pullPolicy, resourcesFor, securityContextFor } from './init.ts';
import {
  agentSettings,
  find,
  imageFor,
  insert,
  isNativeSidecar,
  isRegular,
  ownContainer,
  replace,
  type Request,
} from '../request.ts';
import { addSdkVariables } from '../sdk/variables.ts';
import {
  agentDirectory,
  cloneName,
  libraries,
  serverOf,
  staging,
  volumesOf,
  type Server,
} from './server-files.ts';
import { moduleConfiguration, serviceOf } from './server-module.ts';

/**
 * Apache and Nginx: a copy of the server's configuration gets the module added and is mounted over
 * the original. Only the first target gets the mounts; all get the variables. False: all is undone.
 */
export function webServer(request: Request, language: Server['language']): boolean {
  const { draft, ours } = request;
  if (find(draft, cloneName) !== undefined && ours('web-servers-exclude')) return false;
  const server = serverOf(request, language);
  const fitting = fittingTargets(request);
  const chosen =
    fitting.length > 1 && ours('web-server-one-container') ? fitting.slice(0, 1) : fitting;
  if (chosen.length === 0) return false;
  const names = new Set([server.configVolume, server.agentVolume]);
  if (draft.volumes.some(({ name }) => names.has(name)) && ours('name-taken')) return false;
  for (const target of chosen) if (!instrument(request, server, target)) return false;
  return true;
}

/** Init containers are skipped; our way, those that run as long as the pod are not. */
function fittingTargets(request: Request): readonly Container[] {
  const { draft, list, ours } = request;
  const own = ownContainer(request);
  if (list === undefined) return own === undefined ? [] : [own];
  return list
    .flatMap((name) => find(draft, name) ?? [])
    .filter(
      (one) => isRegular(draft, one.name) || (isNativeSidecar(one) && ours('native-sidecars')),
    );
}

function instrument(request: Request, server: Server, original: Container): boolean {
  const { draft } = request;
  const env = new Environment(original, request);
  env.appendMissing(agentSettings(request).env);
  const before = [...env.entries];
  const isFirstCopy = find(draft, cloneName) === undefined;
  const isFirstAttachment = find(draft, server.attachName) === undefined;
  if (isFirstAttachment && server.language === 'nginx' && !addLibraries(env)) return false;
  const copied = copiedEnvironment(request, before, env);
  addSharedEntries(env, request);

  let next = original;
  const added: Container[] = [];
  const volumes = volumesOf(request, server);
  if (isFirstCopy) {
    const mounts = mountsOver(request, server, original);
    if (mounts === undefined) return false;
    next = { ...original, volumeMounts: mounts };
    draft.volumes.push(volumes.config);
    added.push(cloneOf(request, server, original, copied));
  }
  if (isFirstAttachment) {
    draft.volumes.push(volumes.agent);
    added.push(attachmentOf(request, server, original, env));
  }
  insert(draft, added, original.name);
  if (!addSdkVariables(request, env, original)) return false;
  const mounted = mountCertificates(request, next);
  if (mounted === undefined) return false;
  replace(draft, { ...mounted, env: env.entries });
  if (server.language === 'apache-httpd') shareContext(request, server, original);
  return true;
}

function addLibraries(env: Environment): boolean {
  return env.join({
    name: 'LD_LIBRARY_PATH',
    alone: libraries,
    around: (value) => `${value}:${libraries}`,
    reference: 'spoilt',
  });
}

/**
 * The copy's variables are those of step two; where the library path was there, the operator's
 * change of it reaches the copy. (What else may get lost there, behind another language's
 * variables, depends on spare room in memory and is left out.)
 */
function copiedEnvironment({ ours }: Request, before: readonly EnvVar[], env: Environment) {
  const changed = env.entries.find(({ name }) => name === 'LD_LIBRARY_PATH');
  const index = before.findLastIndex(({ name }) => name === 'LD_LIBRARY_PATH');
  const isSame = changed === undefined || index === -1 || before[index] === changed;
  return isSame || ours('clone-environment') ? before : before.with(index, changed);
}

/**
 * The application's mounts, without the first whose path contains that of the configuration. Our
 * way, without all that lie in it; nothing where a path of ours is in use.
 */
function mountsOver({ ours }: Request, server: Server, container: Container) {
  const { directory } = server;
  const mounts = container.volumeMounts ?? [];
  const used = new Set([clean(directory), ...mounts.map(({ mountPath }) => mountPath)]);
  if ([agentDirectory, staging].some((path) => used.has(path)) && ours('name-taken'))
    return undefined;
  const first = mounts.findIndex(({ mountPath }) => mountPath.includes(directory));
  const theirs = mounts.filter((_, index) => index !== first);
  const mine = mounts.filter(
    ({ mountPath }) => !`${clean(mountPath)}/`.startsWith(`${clean(directory)}/`),
  );
  const isSame = theirs.length === mine.length && theirs.every((one) => mine.includes(one));
  return [
    ...(isSame || !ours('configuration-mounts') ? theirs : mine),
    { name: server.agentVolume, mountPath: agentDirectory },
    { name: server.configVolume, mountPath: directory },
  ] satisfies Mount[];
}

const clean = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, '');

/** The application's image and variables; probes, ports and the like stay behind. */
function cloneOf(
  request: Request,
  server: Server,
  original: Container,
  env: readonly EnvVar[],
): Container {
  const { image, imagePullPolicy, envFrom, volumeMounts = [] } = original;
  return {
    name: cloneName,
    ...(image === undefined ? {} : { image }),
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    ...(envFrom === undefined ? {} : { envFrom }),
    ...server.clone,
    env,
    volumeMounts: [...volumeMounts, { name: server.configVolume, mountPath: staging }],
    ...resourcesFor(request),
    ...securityContextFor(request, original),
  };
}

/** The variables for all languages win over the addresses here, other than in the application. */
function attachmentOf(
  request: Request,
  server: Server,
  original: Container,
  appEnv: Environment,
): Container {
  const env = new Environment({}, request);
  env.appendMissing(agentSettings(request).env);
  env.appendMissing(request.settings.env);
  for (const [name, fieldPath] of [
    ['OTEL_POD_IP', 'status.podIP'],
    ['OTEL_NODE_IP', 'status.hostIP'],
  ] as const) {
    env.appendMissing([{ name, valueFrom: { fieldRef: { fieldPath } } }]);
  }
  const service = serviceOf(request, original, appEnv);
  env.append(server.confVariable, moduleConfiguration(request, server, service));
  const fieldPath = 'metadata.name';
  env.entries.push({ name: server.instanceVariable, valueFrom: { fieldRef: { fieldPath } } });
  return {
    name: server.attachName,
    image: imageFor(request),
    command: ['/bin/sh', '-c'],
    args: ['<script>', '--', server.argument],
    env: env.entries,
    volumeMounts: [
      { name: server.agentVolume, mountPath: agentDirectory },
      { name: server.configVolume, mountPath: staging },
    ],
    ...resourcesFor(request),
    ...pullPolicy(request),
    ...securityContextFor(request, original),
  };
}

/** Apache's two init containers take the context of whichever target comes last. */
function shareContext(request: Request, { attachName }: Server, original: Container): void {
  request.draft.initContainers = request.draft.initContainers.map((one) => {
    if (one.name !== cloneName && one.name !== attachName) return one;
    const { securityContext: _before, ...rest } = one;
    return { ...rest, ...securityContextFor(request, original) };
  });
}

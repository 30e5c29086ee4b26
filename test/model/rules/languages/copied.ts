import type { Container } from '../../case.ts';
import { effective, prefix } from '../asked.ts';
import { mountCertificates } from '../sdk/certificates.ts';
import { addSharedEntries, Environment, isReference, isRequired } from '../sdk/environment.ts';
import { filesVolume, pullPolicy, resourcesFor, securityContextFor } from './init.ts';
import { activate, setPath, type Copied } from './activation.ts';
import { isAgentPresent } from './present.ts';
import {
  agentSettings,
  find,
  imageFor,
  insert,
  isRegular,
  replace,
  targetsOf,
  type Request,
} from '../request.ts';
import { addSdkVariables } from '../sdk/variables.ts';

const nameOf = (language: Copied) => `opentelemetry-auto-instrumentation-${language}`;
const directoryOf = (language: Copied) => `/otel-auto-instrumentation-${language}`;

const mountPathIn = (language: Copied, container: string) =>
  language === 'java' ? `${directoryOf(language)}-${container}` : directoryOf(language);

/**
 * Each target is given the agent by itself. The volume and the init container come once, also when
 * no target could be given anything; where they go depends on the first target. False: nothing of
 * it happens.
 */
export function copied(request: Request, language: Copied): boolean {
  const { draft, ours } = request;
  const platform = platformOf(request, language);
  const isKnown = isPlatform(language, platform, ours);
  if (!isKnown && ours('unsupported-platform')) return false;
  const targets = targetsOf(request);
  const [first] = targets;
  if (first === undefined) return false;
  const isTaken = draft.volumes.some(({ name }) => name === nameOf(language));
  if (isTaken && ours('name-taken')) return false;

  const given = isKnown ? targets.map((name) => attach(request, language, platform, name)) : [];
  const served = targets.find((_, index) => given[index] === true);
  if (served === undefined && ours('no-orphans')) return false;
  const isOther = served !== undefined && served !== first;
  return addFiles(request, language, platform, isOther && ours('no-orphans') ? served : first);
}

function platformOf({ one }: Request, language: Copied): string {
  if (language === 'python') return effective(one, `${prefix}otel-python-platform`);
  return language === 'dotnet' ? effective(one, `${prefix}otel-dotnet-auto-runtime`) : '';
}

function isPlatform(language: Copied, platform: string, ours: Request['ours']): boolean {
  if (platform === '') return true;
  if (language === 'python') return ['glibc', 'musl'].includes(platform);
  if (['linux-x64', 'linux-musl-x64'].includes(platform)) return true;
  return ['linux-arm64', 'linux-musl-arm64'].includes(platform) && ours('dotnet-arm64');
}

/** Everything for one container, or nothing. */
function attach(request: Request, language: Copied, platform: string, name: string): boolean {
  const { draft, ours } = request;
  const container = find(draft, name);
  if (container === undefined) return false;
  const env = new Environment(container, request);
  if (isGuarded(request, language, container, env)) return false;
  env.appendMissing(agentSettings(request).env);
  if (language === 'python' && !setPath(env)) return false;
  const mountPath = mountPathIn(language, name);
  const mounts = container.volumeMounts ?? [];
  if (mounts.some((mount) => mount.mountPath === mountPath) && ours('name-taken')) return false;
  const mounted = mountCertificates(request, {
    ...container,
    volumeMounts: [...mounts, { name: nameOf(language), mountPath }],
  });
  if (mounted === undefined) return false;
  addSharedEntries(env, request);
  const { extensions = [] } = agentSettings(request);
  const hasExtensions = extensions.length > 0;
  if (!activate[language](env, { mountPath, platform, hasExtensions })) return false;
  if (!addSdkVariables(request, env, container)) return false;
  replace(draft, { ...mounted, env: env.entries });
  return true;
}

const switches: Readonly<Record<Copied, readonly string[]>> = {
  java: ['JAVA_TOOL_OPTIONS'],
  nodejs: ['NODE_OPTIONS'],
  python: ['PYTHONPATH'],
  dotnet: ['DOTNET_STARTUP_HOOKS', 'DOTNET_ADDITIONAL_DEPS', 'DOTNET_SHARED_STORE'],
};

/** What keeps a container from getting the agent, judged by what it had before. */
function isGuarded(
  request: Request,
  language: Copied,
  container: Container,
  env: Environment,
): boolean {
  const { ours } = request;
  const references = switches[language]
    .map((name) => env.get(name))
    .filter((entry) => entry !== undefined && isReference(entry));
  if (references.some((entry) => entry !== undefined && !isRequired(entry))) return true;
  if (references.length > 0 && !ours('reference-joined')) return true;
  const home = 'OTEL_DOTNET_AUTO_HOME';
  const settings = agentSettings(request).env ?? [];
  if (language === 'dotnet' && (env.has(home) || settings.some(({ name }) => name === home)))
    return true;
  return isAgentPresent(language, container, env) && ours('agent-present');
}

function addFiles(request: Request, language: Copied, platform: string, target: string): boolean {
  const { draft, ours } = request;
  const name = nameOf(language);
  const around = {
    ...resourcesFor(request),
    ...contextAt(request, language, target),
    volumeMounts: [{ name, mountPath: directoryOf(language) }],
  };
  const agent = {
    name,
    image: imageFor(request),
    command: copyCommand(language, platform),
    ...pullPolicy(request),
    ...around,
  };
  const extensions = (agentSettings(request).extensions ?? []).map(({ image, dir }, index) => ({
    name: `opentelemetry-auto-instrumentation-extension-${index}`,
    image,
    command: ['cp', '-r', `${dir}/.`, `${directoryOf('java')}/extensions`],
    ...around,
  }));
  const added = language === 'java' ? [agent, ...extensions] : [agent];
  const isTaken = added.some((one) => find(draft, one.name) !== undefined);
  if (isTaken && ours('name-taken')) return false;
  draft.volumes.push({ name, ...filesVolume(request) });
  insert(draft, added, target);
  return true;
}

/** With so many init containers the operator's list has spare room, and the context gets lost in it. */
const forgetful = new Set([3, 5, 6, 7, 9, 10]);

function contextAt(request: Request, language: Copied, target: string) {
  const { draft, settings, ours } = request;
  const isLost =
    language !== 'java' &&
    !isRegular(draft, target) &&
    settings.initContainerSecurityContext === undefined &&
    forgetful.has(draft.initContainers.length);
  const context = securityContextFor(request, find(draft, target) ?? { name: target });
  return isLost && context.securityContext !== undefined && !ours('security-context-kept')
    ? {}
    : context;
}

/** An unknown platform has no files, and the command then fails. */
function copyCommand(language: Copied, platform: string): readonly string[] {
  if (language === 'java')
    return ['cp', '/javaagent.jar', `${directoryOf(language)}/javaagent.jar`];
  const files = platform === 'musl' ? '/autoinstrumentation-musl/.' : '/autoinstrumentation/.';
  const isKnown = language !== 'python' || ['', 'glibc', 'musl'].includes(platform);
  return ['cp', '-r', isKnown ? files : '', directoryOf(language)];
}

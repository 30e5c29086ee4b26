import { textAt, type JsonObject } from '../../json.ts';
import type { ReasonFor } from '../../reasons.ts';
import type { AgentLanguage, AgentSettings } from '../instrumentation/settings.ts';
import {
  pullPolicy,
  refuse,
  resourcesFor,
  securityContextFor,
  subjectOf,
  targetsOf,
  volumeSource,
  type Attempt,
  type Injector,
  type Note,
  type Request,
} from '../injector.ts';
import type { Refusal } from '../match.ts';
import {
  addInitContainers,
  addVolume,
  findContainer,
  findVolume,
  replaceContainer,
  type Draft,
} from '../pod/draft.ts';
import { Environment, type Extension } from '../pod/environment.ts';
import { mountsOf, type Container } from '../pod/shape.ts';
import { addTlsMounts, addTlsVolumes, tlsSources, type Mounted } from '../sdk/exporter.ts';
import { lacksEndpoint, protocolMismatch } from '../sdk/protocol.ts';
import { addSdkVariables, addSharedEntries } from '../sdk/variables.ts';
import { presentAgent } from './present.ts';

/** An agent that an init container copies into a volume and a variable switches on. */
export interface CopiedAgent {
  readonly language: Extract<AgentLanguage, 'java' | 'nodejs' | 'python' | 'dotnet'>;
  /** Names both the volume and the init container. */
  readonly name: string;
  readonly directory: string;
  /** What the agent asks for by default. */
  readonly requests: JsonObject;
  readonly copy: (request: Request) => readonly string[];
  readonly supports?: (platform: string | undefined) => boolean;
  /** Where a container sees the files, if not where the init container does. */
  readonly mountPath?: (container: string) => string;
  /** Variables that switch the agent on, in the order in which they are written. */
  readonly activate: (context: Activation) => readonly Step[];
  /** Applied before anything else of ours: nothing said for all languages may touch these. */
  readonly activateFirst?: readonly Extension[];
  /** Variables a container must not have, for their owner has placed the agent himself. */
  readonly claimed?: readonly string[];
  readonly extras?: (request: Request) => readonly JsonObject[];
  readonly notes?: (env: Environment) => readonly Omit<Note, 'language' | 'container'>[];
}

export interface Activation {
  readonly mountPath: string;
  readonly settings: AgentSettings;
  readonly platform: string | undefined;
}

/** Either joined with what is there, or set where nobody has. */
export type Step = Extension | { readonly name: string; readonly value: string };

type Attached =
  | { readonly kind: 'attached'; readonly container: Container; readonly notes: readonly Note[] }
  | { readonly kind: 'refused'; readonly reason: ReasonFor<'refused'>; readonly detail?: string };

export function copiedAgent(agent: CopiedAgent): Injector {
  return { inject: (draft, request) => inject(agent, draft, request) };
}

function inject(agent: CopiedAgent, draft: Draft, request: Request): Attempt {
  const { platform, instrumentation } = request.ask;
  if (agent.supports?.(platform) === false) {
    return refuse(draft, request, 'UnsupportedPlatform', { detail: platform ?? '' });
  }
  const withTls = addTlsVolumes(draft, tlsSources(instrumentation.shared.tls));
  if ('taken' in withTls) return refuse(draft, request, 'NameTaken', { detail: withTls.taken });
  if (findVolume(draft, agent.name) !== undefined) {
    return refuse(draft, request, 'NameTaken', { detail: agent.name });
  }

  const targets = targetsOf(request);
  const refusals: Refusal[] = [...targets.refusals];
  const notes: Note[] = [];
  const given: Container[] = [];
  let next = withTls;
  for (const name of targets.found) {
    const container = findContainer(next, name);
    if (container === undefined) continue;
    const attached = attach(agent, container, request);
    if (attached.kind === 'attached') {
      next = replaceContainer(next, attached.container);
      given.push(container);
      notes.push(...attached.notes);
    } else {
      const { reason, detail } = attached;
      const about = detail === undefined ? {} : { detail };
      refusals.push({ language: agent.language, reason, container: name, ...about });
    }
  }
  const [first] = given;
  if (first === undefined) return { draft, containers: [], refusals, notes: [] };
  const files = addFiles(agent, next, request, first);
  if ('taken' in files) return refuse(draft, request, 'NameTaken', { detail: files.taken });
  return { draft: files, containers: given.map(({ name }) => name), refusals, notes };
}

function addFiles(
  agent: CopiedAgent,
  draft: Draft,
  request: Request,
  target: Container,
): Draft | { readonly taken: string } {
  const { instrumentation } = request.ask;
  const settings = instrumentation.agents[agent.language];
  const around = {
    ...resourcesFor(settings.resources, agent.requests, request.pod),
    ...securityContextFor(instrumentation.shared, target, request.pod),
    volumeMounts: [{ name: agent.name, mountPath: agent.directory }],
  };
  const copies = [
    {
      name: agent.name,
      image: request.image,
      command: agent.copy(request),
      ...pullPolicy(instrumentation.shared),
      ...around,
    },
    ...(agent.extras?.(request) ?? []).map((extra) => ({ ...extra, ...around })),
  ] as readonly JsonObject[] as readonly Container[];
  const taken = copies.find(({ name }) => findContainer(draft, name) !== undefined);
  if (taken !== undefined) return { taken: taken.name };
  const withVolume = addVolume(draft, { name: agent.name, ...volumeSource(settings) });
  return addInitContainers(withVolume, copies, target.name);
}

function attach(agent: CopiedAgent, container: Container, request: Request): Attached {
  const { language } = agent;
  const { instrumentation, platform } = request.ask;
  const settings = instrumentation.agents[language];
  const env = new Environment(container, request.joinEnv);
  const present = presentAgent(language, container, env);
  const claimed = agent.claimed?.find(
    (name) => env.has(name) || settings.env.some((entry) => entry.name === name),
  );
  if (present?.excludes === true || claimed !== undefined) {
    return {
      kind: 'refused',
      reason: 'AnotherAgentPresent',
      detail: claimed ?? present?.name ?? '',
    };
  }
  const mountPath = agent.mountPath?.(container.name) ?? agent.directory;
  const hidden = hiddenNames(agent, env, { mountPath, settings, platform });

  env.appendMissing(settings.env);
  for (const extension of agent.activateFirst ?? []) {
    if (!env.extend(extension)) return byReference(extension.name);
  }
  const mounted = mount(container, agent, mountPath, request);
  if ('taken' in mounted) return { kind: 'refused', reason: 'NameTaken', detail: mounted.taken };
  const subject = subjectOf(request, container);
  addSharedEntries(env, subject);
  const notes = agent.notes?.(env) ?? [];
  for (const step of agent.activate({ mountPath, settings, platform })) {
    if ('value' in step) env.appendMissing([step]);
    else if (!env.extend(step)) return byReference(step.name);
  }
  if (!addSdkVariables(env, language, subject)) return byReference('OTEL_RESOURCE_ATTRIBUTES');

  const said = [...notes, ...hidden, ...vendorNote(present?.name), ...exportNotes(agent, env)];
  return {
    kind: 'attached',
    container: { ...mounted.container, env: env.entries },
    notes: said.map((note) => ({ ...note, language, container: container.name })),
  };
}

const byReference = (name: string): Attached => ({
  kind: 'refused',
  reason: 'EnvironmentByReference',
  detail: name,
});

function mount(
  container: Container,
  agent: CopiedAgent,
  mountPath: string,
  { ask }: Request,
): Mounted {
  const mounts = mountsOf(container);
  if (mounts.some((one) => textAt(one, 'mountPath') === mountPath)) return { taken: mountPath };
  const mounted = { ...container, volumeMounts: [...mounts, { name: agent.name, mountPath }] };
  return addTlsMounts(mounted, tlsSources(ask.instrumentation.shared.tls));
}

/** Variables that would be joined if they were seen, in a container that has values nobody here sees. */
function hiddenNames(agent: CopiedAgent, env: Environment, activation: Activation) {
  if (!env.hasHiddenSources) return [];
  const joined = [...(agent.activateFirst ?? []), ...agent.activate(activation)];
  const names = joined.filter(
    (step) => 'around' in step && !env.has(step.name) && !env.joins(step.name),
  );
  if (names.length === 0) return [];
  return [
    { reason: 'HiddenEnvironment' as const, detail: names.map(({ name }) => name).join(', ') },
  ];
}

const vendorNote = (name: string | undefined) =>
  name === undefined ? [] : [{ reason: 'OtherVendorsAgent' as const, detail: name }];

function exportNotes({ language }: CopiedAgent, env: Environment) {
  if (lacksEndpoint(env)) return [{ reason: 'EndpointMissing' as const }];
  const mismatch = protocolMismatch(language, env);
  return mismatch === undefined ? [] : [{ reason: 'ProtocolMismatch' as const, detail: mismatch }];
}

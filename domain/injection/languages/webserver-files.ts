import { posix } from 'node:path';
import { textAt, type JsonObject } from '../../json.ts';
import type { AgentLanguage, AgentSettings, EnvEntry } from '../instrumentation/settings.ts';
import { pullPolicy, resourcesFor, securityContextFor, type Request } from '../injector.ts';
import { Environment, fieldEntry } from '../pod/environment.ts';
import { mountsOf, type Container } from '../pod/shape.ts';

export const agentDirectory = '/opt/opentelemetry-webserver/agent';
export const stagingDirectory = '/opt/opentelemetry-webserver/source-conf';
export const cloneName = 'otel-agent-source-container-clone';

/**
 * A module for a web server: one init container copies the server's configuration, another adds
 * the module to the copy, and the copy is mounted over the original.
 */
export interface WebServer {
  readonly language: Extract<AgentLanguage, 'apache-httpd' | 'nginx'>;
  readonly attachName: string;
  readonly configVolume: string;
  readonly agentVolume: string;
  readonly volumes: (settings: AgentSettings) => {
    readonly config: JsonObject;
    readonly agent: JsonObject;
  };
  readonly configDirectory: (settings: AgentSettings) => string;
  readonly clone: (directory: string) => JsonObject;
  readonly attach: (settings: AgentSettings) => JsonObject;
  readonly confVariable: string;
  readonly instanceVariable: string;
  readonly conf: (settings: AgentSettings, service: Service) => string;
  readonly prepare?: (env: Environment) => boolean;
}

export interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly endpoint: string;
}

/** A path that the agent needs for itself and the container, or its configuration, uses already. */
export function takenPath(container: Container, directory: string): string | undefined {
  const used = new Set(mountsOf(container).map((mount) => textAt(mount, 'mountPath')));
  return [agentDirectory, stagingDirectory].find(
    (path) => path === clean(directory) || used.has(path),
  );
}

/** Every mount inside the configuration would hide what was added to the copy, which holds it anyway. */
export function appMounts(
  server: WebServer,
  container: Container,
  directory: string,
): readonly JsonObject[] {
  const isInside = (mount: Container) =>
    `${clean(textAt(mount, 'mountPath') ?? '')}/`.startsWith(`${clean(directory)}/`);
  return [
    ...mountsOf(container).filter((mount) => !isInside(mount)),
    { name: server.agentVolume, mountPath: agentDirectory },
    { name: server.configVolume, mountPath: directory },
  ];
}

const clean = (path: string) => posix.normalize(path).replace(/(?<=.)\/$/, '');

export function cloneContainer(
  server: WebServer,
  original: Container,
  env: readonly EnvEntry[],
  request: Request,
): Container {
  const { instrumentation } = request.ask;
  const settings = instrumentation.agents[server.language];
  const copied = ['image', 'imagePullPolicy', 'envFrom'].flatMap((key) =>
    original[key] === undefined ? [] : [[key, original[key]]],
  );
  return {
    name: cloneName,
    ...(Object.fromEntries(copied) as JsonObject),
    ...server.clone(server.configDirectory(settings)),
    ...(env.length === 0 ? {} : { env }),
    volumeMounts: [
      ...mountsOf(original),
      { name: server.configVolume, mountPath: stagingDirectory },
    ],
    ...resourcesFor(settings.resources, usualRequests, request.pod),
    // The same user as the attachment's: what one has copied, the other must be able to change.
    ...securityContextFor(instrumentation.shared, original, request.pod),
  };
}

const usualRequests = { cpu: '1m', memory: '128Mi' };

export function attachContainer(
  server: WebServer,
  request: Request,
  original: Container,
  conf: string,
): Container {
  const { shared, agents } = request.ask.instrumentation;
  const settings = agents[server.language];
  const env = new Environment({ name: server.attachName, env: [] }, []);
  env.appendMissing(settings.env);
  env.appendMissing(shared.env);
  env.appendMissing([
    fieldEntry('OTEL_POD_IP', 'status.podIP'),
    fieldEntry('OTEL_NODE_IP', 'status.hostIP'),
    { name: server.confVariable, value: conf },
    fieldEntry(server.instanceVariable, 'metadata.name'),
  ]);
  return {
    name: server.attachName,
    image: request.image,
    ...server.attach(settings),
    env: env.entries,
    volumeMounts: [
      { name: server.agentVolume, mountPath: agentDirectory },
      { name: server.configVolume, mountPath: stagingDirectory },
    ],
    ...resourcesFor(settings.resources, usualRequests, request.pod),
    ...pullPolicy(shared),
    ...securityContextFor(shared, original, request.pod),
  };
}

/** A value as both servers read it as one word. */
export const oneWord = (value: string) =>
  /[\s;{}"'#\\]/.test(value)
    ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/\s/g, ' ')}"`
    : value;

/** The lines of the module's configuration: its own, with what the Instrumentation adds or overrides. */
export function directives(
  own: Readonly<Record<string, string>>,
  attrs: AgentSettings['attrs'],
  line: (name: string, value: string) => string,
): string {
  const all = new Map([...Object.entries(own), ...attrs]);
  return [...all.keys()]
    .toSorted()
    .map((name) => line(name, all.get(name) ?? ''))
    .join('');
}

import type { Container, Volume } from '../../case.ts';
import { prefix } from '../asked.ts';
import { mountCertificates } from '../sdk/certificates.ts';
import { addSharedEntries, attributesVariable, Environment } from '../sdk/environment.ts';
import { pullPolicy, resourcesFor } from './init.ts';
import {
  agentSettings,
  find,
  imageFor,
  isNativeSidecar,
  isRegular,
  ownContainer,
  type Request,
} from '../request.ts';
import { addSdkVariables } from '../sdk/variables.ts';

const kernel: Volume = { name: 'kernel-debug', hostPath: { path: '/sys/kernel/debug' } };
const sidecarName = 'opentelemetry-auto-instrumentation';

/** A sidecar that watches one container. False: all of it is undone. */
export function go(request: Request): boolean {
  const { draft, ours } = request;
  const app = watched(request);
  if (app === undefined) return false;
  const seesAll = draft.hostPID === true && ours('go-host-pid');
  if (draft.shareProcessNamespace === false && !seesAll) return false;
  if (draft.hostUsers === false && ours('go-host-users')) return false;
  const { securityContext } = agentSettings(request);
  const isNonRoot = draft.securityContext?.['runAsNonRoot'] === true;
  if (isNonRoot && securityContext === undefined && ours('go-non-root')) return false;
  if (find(draft, sidecarName) !== undefined && ours('name-taken')) return false;
  if (!seesAll) draft.shareProcessNamespace = true;
  if (!addKernelVolume(request)) return false;

  const env = environmentFor(request, app);
  if (env === undefined) return false;
  const mounted = mountCertificates(request, {
    name: sidecarName,
    image: imageFor(request),
    env: env.entries,
    ...resourcesFor(request),
    ...pullPolicy(request),
    securityContext: securityContext ?? { runAsUser: 0, privileged: true },
    volumeMounts: [{ name: kernel.name, mountPath: '/sys/kernel/debug' }],
  });
  if (mounted !== undefined) draft.containers.push(mounted);
  return mounted !== undefined;
}

/**
 * The first name of the list, or the first container. A name that the pod does not have brings the
 * sidecar all the same, and an init container nothing.
 */
function watched(request: Request): Container | undefined {
  const { draft, list, ours } = request;
  if (list === undefined) return ownContainer(request);
  const named = list.flatMap((name) => find(draft, name) ?? []);
  const fits = (one: Container) =>
    isRegular(draft, one.name) || (isNativeSidecar(one) && ours('native-sidecars'));
  const target = named.find(fits);
  if (list.length === 1 && named.length === 1) return target;
  const theirs = firstNamed(request, list[0] ?? '');
  if (theirs === target) return target;
  return ours(named.length === 0 ? 'go-unknown-container' : 'go-one-container') ? target : theirs;
}

/** A comma in the pod's own list is refused; the namespace's list is not looked at for that. */
function firstNamed({ one, draft }: Request, name: string): Container | undefined {
  const key = one.isMultiOff ? 'container-names' : 'go-container-names';
  if (one.pod.metadata.annotations?.[prefix + key]?.includes(',') === true) return undefined;
  const found = find(draft, name) ?? draft.containers[0];
  return found !== undefined && isRegular(draft, found.name) ? found : undefined;
}

function addKernelVolume({ draft, ours }: Request): boolean {
  const there = draft.volumes.find(({ name }) => name === kernel.name);
  if (there === undefined || !ours('go-kernel-volume')) {
    draft.volumes.push(kernel);
    return true;
  }
  return there.hostPath?.['path'] === '/sys/kernel/debug';
}

const target = 'OTEL_GO_AUTO_TARGET_EXE';

/** The sidecar's variables; nothing where nobody has named the executable. */
function environmentFor(request: Request, app: Container): Environment | undefined {
  const { one, ours } = request;
  const env = new Environment({}, request);
  const executable = one.pod.metadata.annotations?.[`${prefix}otel-go-auto-target-exe`];
  if (executable !== undefined) env.append(target, executable);
  env.appendMissing(agentSettings(request).env);
  const own = new Environment({ env: app.env ?? [] }, request);
  const shared = new Environment({ env: request.settings.env ?? [] }, request);
  const speaks = [own, env, shared].some(saysWhoItIs) && ours('go-own-environment');
  if (speaks) passOn(own, env);
  addSharedEntries(env, request);
  if (!addSdkVariables(request, env, app, speaks ? env : own)) return undefined;
  return env.has(target) ? env : undefined;
}

const saysWhoItIs = (env: Environment) =>
  env.has('OTEL_SERVICE_NAME') || env.has(attributesVariable);

/** Our way: what the application says of itself goes along, unless it refers to something else. */
function passOn(from: Environment, to: Environment): void {
  for (const name of ['OTEL_SERVICE_NAME', attributesVariable]) {
    const value = from.plain(name) ?? '';
    if (value !== '' && !value.includes('$(')) to.appendIfAbsent(name, value);
  }
}

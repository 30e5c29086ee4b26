import { listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import type { Instrumentation, Language } from './settings.ts';

/** The label by which a namespace says which pods it takes, and which it turns away. */
const enforced = 'pod-security.kubernetes.io/enforce';

type Level = 'baseline' | 'restricted';

export function levelOf(labels: JsonObject): Level | undefined {
  const level = textAt(labels, enforced);
  return level === 'baseline' || level === 'restricted' ? level : undefined;
}

/**
 * Whether the namespace would turn the pod away for what the agent adds. An inherited security
 * context is the pod's own and passed already; one that the Instrumentation gives may not.
 */
export function isForbidden(
  level: Level | undefined,
  language: Language,
  { shared }: Instrumentation,
): boolean {
  if (level === undefined || language === 'sdk') return false;
  if (language === 'go') return true;
  const context = shared.initContainerSecurityContext;
  if (context === undefined) return false;
  return breaksBaseline(context) || (level === 'restricted' && breaksRestricted(context));
}

/**
 * Whether the strictest level misses something that the context leaves to the pod, and the pod to its
 * containers: a context that the Instrumentation gives takes the place of the container's.
 */
export function isTooVague(
  level: Level | undefined,
  language: Language,
  { shared }: Instrumentation,
  ofPod: JsonObject,
): boolean {
  const context = shared.initContainerSecurityContext;
  if (level !== 'restricted' || context === undefined || language === 'sdk') return false;
  const said = (key: string) => member(context, key) ?? member(ofPod, key) ?? undefined;
  return said('runAsNonRoot') !== true || said('seccompProfile') === undefined;
}

const harmless = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

/** Of SELinux a container may choose its level, and its type among these. */
const ofContainers = /^container(?:_init|_kvm|_engine)?_t$/;

function breaksIsolation(options: JsonObject): boolean {
  const [type, user, role] = ['type', 'user', 'role'].map((key) => textAt(options, key));
  return user !== undefined || role !== undefined || !ofContainers.test(type ?? 'container_t');
}

const capabilities = (context: JsonObject, list: 'add' | 'drop') =>
  listAt(objectAt(context, 'capabilities') ?? {}, list) ?? [];

const profile = (context: JsonObject, kind: string) =>
  textAt(objectAt(context, kind) ?? {}, 'type');

const breaksBaseline = (context: JsonObject) =>
  member(context, 'privileged') === true ||
  capabilities(context, 'add').some((name) => typeof name !== 'string' || !harmless.has(name)) ||
  profile(context, 'seccompProfile') === 'Unconfined' ||
  profile(context, 'appArmorProfile') === 'Unconfined' ||
  textAt(context, 'procMount') === 'Unmasked' ||
  breaksIsolation(objectAt(context, 'seLinuxOptions') ?? {});

const breaksRestricted = (context: JsonObject) =>
  member(context, 'allowPrivilegeEscalation') !== false ||
  !capabilities(context, 'drop').includes('ALL') ||
  capabilities(context, 'add').some((name) => name !== 'NET_BIND_SERVICE') ||
  member(context, 'runAsNonRoot') === false ||
  member(context, 'runAsUser') === 0;

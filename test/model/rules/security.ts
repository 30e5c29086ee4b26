import type { Case, Fields } from '../case.ts';
import type { Ask } from './asked.ts';

const enforced = 'pod-security.kubernetes.io/enforce';

/**
 * Whether the namespace's Pod Security level forbids what the language adds, as the Pod Security
 * Standards have it. A context taken over from the container has passed already.
 */
export function isForbidden({ namespace, pod }: Case, ask: Omit<Ask, 'list'>): boolean {
  const level = namespace.labels[enforced] ?? 'privileged';
  if (level === 'privileged' || ask.language === 'sdk') return false;
  if (ask.language === 'go') return true;
  const context = ask.instrumentation.spec.initContainerSecurityContext;
  if (context === undefined) return false;
  if (isPrivileged(context)) return true;
  return level === 'restricted' && !isRestricted(context, pod.spec.securityContext ?? {});
}

const capabilities = (context: Fields) =>
  (context['capabilities'] ?? {}) as Partial<Record<'add' | 'drop', readonly string[]>>;

/** Of what the baseline level forbids, what an Instrumentation here may ask for. */
const isPrivileged = (context: Fields) =>
  context['privileged'] === true ||
  (capabilities(context).add ?? []).includes('SYS_PTRACE') ||
  ['user', 'role', 'type'].some(
    (key) => ((context['seLinuxOptions'] ?? {}) as Fields)[key] !== undefined,
  );

/** What the context leaves open the pod may say; what the container says does not come along. */
const isRestricted = (context: Fields, ofPod: Fields) =>
  (context['runAsNonRoot'] ?? ofPod['runAsNonRoot']) === true &&
  (context['seccompProfile'] ?? ofPod['seccompProfile']) !== undefined &&
  context['allowPrivilegeEscalation'] === false &&
  (capabilities(context).drop ?? []).includes('ALL') &&
  context['runAsUser'] !== 0;

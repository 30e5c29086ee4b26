import type { Case, Fields } from '../case.ts';
import type { Ask } from './asked.ts';

const enforced = 'pod-security.kubernetes.io/enforce';

/**
 * Whether the namespace's Pod Security level forbids what the language adds, as the Pod Security
 * Standards have it. A context taken over from the container has passed already.
 */
export function isForbidden({ namespace }: Case, ask: Omit<Ask, 'list'>): boolean {
  const level = namespace.labels[enforced] ?? 'privileged';
  if (level === 'privileged' || ask.language === 'sdk') return false;
  if (ask.language === 'go') return true;
  const context = ask.instrumentation.spec.initContainerSecurityContext;
  if (context === undefined) return false;
  const isWeak = isPrivileged(context) || (level === 'restricted' && !isRestricted(context));
  return isWeak;
}

const capabilities = (context: Fields) =>
  (context['capabilities'] ?? {}) as Partial<Record<'add' | 'drop', readonly string[]>>;

/** Of what the baseline level forbids, what an Instrumentation here may ask for. */
const isPrivileged = (context: Fields) =>
  context['privileged'] === true || (capabilities(context).add ?? []).includes('SYS_PTRACE');

const isRestricted = (context: Fields) =>
  context['allowPrivilegeEscalation'] === false &&
  (capabilities(context).drop ?? []).includes('ALL') &&
  context['runAsNonRoot'] !== false &&
  context['runAsUser'] !== 0;

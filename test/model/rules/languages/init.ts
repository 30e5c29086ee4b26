import type { Amounts, Container, Fields } from '../../case.ts';
import { agentSettings, type Request } from '../request.ts';

const limits = { cpu: '500m', memory: '256Mi' };

const requests = {
  java: { cpu: '50m', memory: '64Mi' },
  nodejs: { cpu: '50m', memory: '128Mi' },
  python: { cpu: '50m', memory: '64Mi' },
  dotnet: { cpu: '50m', memory: '128Mi' },
  go: { cpu: '50m', memory: '64Mi' },
  'apache-httpd': { cpu: '1m', memory: '128Mi' },
  nginx: { cpu: '1m', memory: '128Mi' },
  sdk: {},
} as const;

/** Limits and requests that nobody wrote are filled in, each as a whole and apart from the other. */
export function resourcesFor(request: Request): { readonly resources?: Fields } {
  const { language, ours, one } = request;
  const { resources, resourceRequirements } = agentSettings(request);
  const said = (language === 'java' ? resources : resourceRequirements) ?? {};
  const { resources: shared = {} } = one.pod.spec;
  if (!isEmpty(shared) && ours('resources-give-way')) return {};
  const plain = {
    limits: said.limits ?? limits,
    requests: said.requests ?? requests[language],
  };
  const fitting = {
    limits: said.limits ?? within(limits, said.requests, Math.max),
    requests: said.requests ?? within(requests[language], said.limits, Math.min),
  };
  const differs = JSON.stringify(plain) !== JSON.stringify(fitting);
  return { resources: differs && ours('resources-give-way') ? fitting : plain };
}

/** Our way: a default gives way to the limit or request beside it. */
function within(
  defaults: Amounts,
  beside: Amounts = {},
  choose: (one: number, other: number) => number,
): Amounts {
  const entries = Object.entries(defaults).map(([name, amount]) => {
    const other = beside[name];
    const isFine = other === undefined || choose(worth(amount), worth(other)) === worth(amount);
    return [name, isFine ? amount : other];
  });
  return Object.fromEntries(entries) as Amounts;
}

const units: Readonly<Record<string, number>> = { m: 1e-3, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

export function worth(amount: string | number): number {
  const [, number, unit = ''] = /^([\d.]+)(\w*)$/.exec(`${amount}`) ?? [];
  return Number(number) * (units[unit] ?? 1);
}

/** The Instrumentation's, else the target's; nothing of the two is merged. */
export function securityContextFor(
  request: Request,
  target: Container,
): { readonly securityContext?: Fields } {
  const chosen = request.settings.initContainerSecurityContext ?? target.securityContext;
  const ofPod = request.one.pod.spec.securityContext ?? {};
  const effective = (key: string) => chosen?.[key] ?? ofPod[key];
  const lacksUser =
    effective('runAsNonRoot') === true && (effective('runAsUser') ?? undefined) === undefined;
  if (lacksUser && request.ours('non-root-user')) {
    return { securityContext: { ...chosen, runAsUser: 65_532 } };
  }
  return chosen === undefined ? {} : { securityContext: chosen };
}

export const pullPolicy = ({ settings: { imagePullPolicy = '' } }: Request) =>
  imagePullPolicy === '' ? {} : { imagePullPolicy };

/** A template of nothing but empty objects, as the operator's webhook stores it, counts as none. */
export function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value === undefined || value === null || value === '';
  }
  return Object.values(value).every(isEmpty);
}

export function filesVolume(request: Request): Fields {
  const { volumeClaimTemplate, volumeLimitSize = '200Mi' } = agentSettings(request);
  return isEmpty(volumeClaimTemplate)
    ? { emptyDir: { sizeLimit: volumeLimitSize } }
    : { ephemeral: { volumeClaimTemplate } };
}

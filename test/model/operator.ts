import type { Case, Pod } from './case.ts';
import { choose, type Ours } from './rows.ts';
import { effective, whatIsAsked } from './rules/asked.ts';
import { isVolumeTaken, mountCertificates } from './rules/sdk/certificates.ts';
import { copied } from './rules/languages/copied.ts';
import { addSharedEntries, Environment } from './rules/sdk/environment.ts';
import { isLeftAlone } from './rules/exempt.ts';
import { hasFaults } from './rules/languages/faults.ts';
import { go } from './rules/languages/go.ts';
import { draftOf, find, replace, targetsOf, type Request } from './rules/request.ts';
import { addSdkVariables } from './rules/sdk/variables.ts';
import { webServer } from './rules/languages/webserver.ts';

/**
 * A second reading of the rules by which the OpenTelemetry Operator injects, written from a
 * description of them and independently of the product. It is not the operator, and proves nothing
 * about it; but a rule that was misread once would have to be misread twice in the same way to go
 * unnoticed. Where the product goes its own way on purpose, a row of the compatibility table says
 * so, and `ours` goes that way here.
 */
export type Outcome =
  | { readonly kind: 'unchanged'; readonly code: 200 | 500; readonly why: string }
  | { readonly kind: 'patched'; readonly pod: Pod };

export function asTheOperator(one: Case, ours: Ours = choose([]).ours): Outcome {
  if (isLeftAlone(one, ours)) return unchanged('injected already');
  const asking = whatIsAsked(one, ours);
  if (asking.kind === 'stopped') return { ...asking, kind: 'unchanged' };
  const joinEnv = effective(one, 'otel-retrofit.dev/join-env')
    .split(',')
    .map((name) => name.trim());

  let draft = draftOf(one.pod.spec);
  let isPatched = false;
  for (const { language, instrumentation, list } of asking.asks) {
    const attempt = draftOf(draft);
    const settings = instrumentation.spec;
    const isDone = inject({ one, draft: attempt, language, settings, list, joinEnv, ours });
    if (isDone) draft = attempt;
    isPatched ||= isDone;
  }
  return isPatched ? { kind: 'patched', pod: { ...one.pod, spec: draft } } : unchanged('no target');
}

const unchanged = (why: string): Outcome => ({ kind: 'unchanged', code: 200, why });

/** False where the language leaves no trace. */
function inject(request: Request): boolean {
  const { language, ours } = request;
  if (hasFaults(request) && ours('invalid-settings')) return false;
  if (language !== 'sdk' && isWindows(request) && ours('unsupported-platform')) return false;
  if (isVolumeTaken(request) && ours('tls-volume-taken')) return false;
  if (language === 'go') return go(request);
  if (language === 'sdk') return variablesAlone(request);
  return language === 'apache-httpd' || language === 'nginx'
    ? webServer(request, language)
    : copied(request, language);
}

const isWindows = ({ draft: { os, nodeSelector, affinity } }: Request) =>
  os?.name === 'windows' ||
  nodeSelector?.['kubernetes.io/os'] === 'windows' ||
  nodeSelector?.['beta.kubernetes.io/os'] === 'windows' ||
  JSON.stringify(affinity ?? {}).includes('"operator":"In","values":["windows"]');

/** The pseudo-language sdk: variables, and nothing else but certificates. */
function variablesAlone(request: Request): boolean {
  const given = targetsOf(request).filter((name) => {
    const container = find(request.draft, name);
    if (container === undefined) return false;
    const mounted = mountCertificates(request, container);
    if (mounted === undefined) return false;
    const env = new Environment(container, request);
    addSharedEntries(env, request);
    if (!addSdkVariables(request, env, container)) return false;
    replace(request.draft, { ...mounted, env: env.entries });
    return true;
  });
  return given.length > 0;
}

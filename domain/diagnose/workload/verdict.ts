import { annotations as keys } from '../../../crds/names.ts';
import type { Refusal } from '../../injection/match.ts';
import { textAt } from '../../json.ts';
import { adviceOn } from '../../restart/judge/advice.ts';
import type { Verdict } from '../../restart/verdict.ts';
import { annotationsIn, labelsIn, type Cluster, type Known, type Subject } from '../cluster.ts';
import { finding, namesOne, wordsFor, type Finding } from '../finding.ts';
import { once } from '../once.ts';
import { nearest } from './nearest.ts';

/** What was decided about a workload, and whether a tool's order is to blame. */
export function verdictFindings(subject: Subject, cluster: Cluster): readonly Finding[] {
  const { key, admission, verdict } = subject;
  const refusals = admission.kind === 'untouched' ? [] : admission.refusals;
  const isCopied =
    admission.kind === 'untouched' &&
    (admission.reason === 'AgentInTemplate' || admission.reason === 'AlreadyInjected');
  return [
    ...(isCopied ? [finding('InjectedTemplate', key, { workloads: [key] })] : []),
    ...refusals.map((refusal) => refused(refusal, subject, cluster)),
    ...ofVerdict(subject, refusals),
    ...(causeIn(verdict) === 'PodsPredateInstrumentation' ? order(subject, cluster) : []),
  ];
}

/** Why pods lack what they asked for, where that is said. */
export const causeIn = (verdict: Verdict) => {
  if (verdict.kind === 'behind') return verdict.reason;
  return 'cause' in verdict ? verdict.cause : undefined;
};

function ofVerdict(subject: Subject, refusals: readonly Refusal[]): readonly Finding[] {
  const { key, judgement, verdict } = subject;
  if (verdict.kind === 'current' || verdict.kind === 'exempt') return [];
  const isTold = refusals.some(({ reason }) => reason === verdict.reason);
  const cause = causeIn(verdict);
  const about = { words: wordsFor(judgement.workload), workloads: [key] };
  const remedy = adviceOn(judgement, verdict)?.remedy;
  const isMended = verdict.kind === 'behind' || verdict.kind === 'waiting';
  return [
    ...(isTold || cause === verdict.reason
      ? []
      : [finding(verdict.reason, key, { ...about, remedy })]),
    ...(cause === undefined
      ? []
      : [finding(cause, key, { ...about, remedy: isMended ? mended : undefined })]),
  ];
}

const mended =
  'The controller restarts it in its turn. To have it now: `kubectl rollout restart <kind>/<name> -n <namespace>`.';

function refused(refusal: Refusal, subject: Subject, cluster: Cluster): Finding {
  const { language, reason, container, detail } = refusal;
  const parts = [language, container, detail].filter((part) => part !== undefined);
  return finding(reason, subject.key, {
    detail: parts.join(': '),
    workloads: [subject.key],
    remedy: namesOne.has(reason) ? proposalsIn(cluster)(refusal, subject) : quoting(refusal),
    // What is said of pods names Instrumentations, and not the workload, in angle brackets.
    words: { language, ...(reason === 'InstrumentationUnreadable' && namedIn(refusal)) },
  });
}

/** Of what may not be read at all only the namespace is known. */
function namedIn({ detail = '' }: Refusal) {
  const [library = '', instrumentation = '<name>'] = detail.split('/');
  return { library, instrumentation };
}

/** YAML takes false and 1 for something else than text, unless they stand in quotes. */
const quoting = ({ reason, detail = '' }: Refusal): string | undefined =>
  reason === 'InstrumentationInvalid' && detail.endsWith(': is no text')
    ? 'Quote the value, as in value: "false".'
    : undefined;

/** What is wrong with one workload of a namespace mostly is with the others: each is thought of once. */
const proposalsIn = once(({ instrumentations }: Cluster) => {
  const known = [...instrumentations.keys()];
  const proposals = new Map<string, string | undefined>();
  return (refusal: Refusal, { world }: Subject): string | undefined => {
    const { language, reason, detail } = refusal;
    const home = world.namespace.name;
    const key = JSON.stringify([home, language, reason, detail]);
    if (!proposals.has(key)) proposals.set(key, proposal(refusal, home, known));
    return proposals.get(key);
  };
});

/** The name that was meant, where one comes near. */
function proposal(
  { language, reason, detail = '' }: Refusal,
  home: string,
  known: readonly string[],
): string | undefined {
  const sameName = known.find((one) => one.split('/')[1] === detail.split('/')[1]);
  const here = known.filter((one) => one.startsWith(`${home}/`));
  const [first] = reason === 'SeveralInstrumentationsSelect' ? here : [];
  const only = reason === 'NoInstrumentation' && known.length === 1 ? known[0] : undefined;
  const single = here.length === 1 && reason === 'InstrumentationNotFound' ? here[0] : undefined;
  const found = first ?? only ?? sameName ?? nearest(detail, known) ?? single;
  if (found === undefined) return undefined;
  const name = found.startsWith(`${home}/`) ? found.slice(home.length + 1) : found;
  const more = reason === 'SeveralInstrumentationsSelect' ? `; there are ${here.join(', ')}` : '';
  return `Write ${keys.inject(language)}: "${name}" on the pod template, if that is the one that is meant${more}.`;
}

/** Both come from one place of a tool that puts Instrumentations last, unless it is told otherwise. */
function order({ key, judgement }: Subject, { instrumentations }: Cluster): readonly Finding[] {
  const { workload, wanted } = judgement;
  const governing = wanted.kind === 'nothing' ? [] : wanted.instrumentations;
  const { annotations, labels } = workload;
  const tool = sourceOf({ metadata: { annotations, labels } });
  return governing.flatMap((name) => {
    const known = instrumentations.get(name);
    if (known === undefined || tool === undefined || sourceOf(known.json) !== tool) return [];
    if (isEarlier(known)) return [];
    const about = `Instrumentation/${name}`;
    return [finding('InstrumentationAppliedLate', about, { detail: tool, workloads: [key] })];
  });
}

/** The application, Kustomization or release that an object is of. */
function sourceOf(json: Known['json']): string | undefined {
  const argo =
    textAt(annotationsIn(json), 'argocd.argoproj.io/tracking-id')?.split(':')[0] ??
    textAt(labelsIn(json), 'argocd.argoproj.io/instance');
  if (argo !== undefined) return `Argo CD application ${argo}`;
  const flux = textAt(labelsIn(json), 'kustomize.toolkit.fluxcd.io/name');
  if (flux !== undefined) return `Flux Kustomization ${flux}`;
  const helm = textAt(annotationsIn(json), 'meta.helm.sh/release-name');
  return helm === undefined ? undefined : `Helm release ${helm}`;
}

const isEarlier = ({ json }: Known): boolean =>
  Number(textAt(annotationsIn(json), 'argocd.argoproj.io/sync-wave') ?? 0) < 0;

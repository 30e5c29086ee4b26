import type { Settings } from '../../config/settings.ts';
import type { FindingKey } from '../../domain/diagnose/checks.ts';
import {
  placeOf,
  type Evidence,
  type Judged,
  type Names,
  type Subject,
} from '../../domain/diagnose/cluster.ts';
import { concerning, examine, type Examination } from '../../domain/diagnose/examine.ts';
import { explain, type Account } from '../../domain/diagnose/explain.ts';
import type { Finding } from '../../domain/diagnose/finding.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Verdict } from '../../domain/restart/verdict.ts';
import { assess, assumptionsOf, decidingIn, type Assessment, type Decide } from '../look/assess.ts';
import type { LookContext } from '../look/look.ts';
import type { Problem } from '../manifest/model.ts';
import { authorityIn } from './certificates.ts';
import type { DoctorOptions, WorkloadAsked } from './command.ts';
import type { Gathered } from './evidence.ts';
import { fromFiles } from './files.ts';
import { settingsFrom } from '../settings.ts';

export type Diagnosis =
  | { readonly kind: 'badInput'; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'diagnosed';
      readonly findings: readonly Finding[];
      /** Of the workload that was asked about. */
      readonly account: Account | undefined;
      readonly workloads: number;
    };

/** Examines a cluster, or what was written down of one. */
export async function diagnose(options: DoctorOptions, context: LookContext): Promise<Diagnosis> {
  const read = await settingsFrom(options.config);
  if (read.kind === 'unread') return { kind: 'badInput', problems: read.problems };
  const found = await examined(options, context, read.settings);
  if ('problems' in found) return { kind: 'badInput', problems: found.problems };
  const { workload } = options;
  return workload === undefined ? ofAll(found, options.namespace) : ofOne(found, workload, options);
}

const namesOf = (settings: Settings): Names => ({
  home: settings.namespace,
  webhookConfiguration: settings.webhookConfigurationName,
  lease: settings.leaseName,
});

type Examined = Examination | { readonly problems: readonly Problem[] };

async function examined(
  options: DoctorOptions,
  context: LookContext,
  settings: Settings,
): Promise<Examined> {
  if (options.paths.length === 0) return examinedCluster(options, context, settings);
  const found = await fromFiles(options.paths, context.stdin);
  return found.kind === 'unread'
    ? found
    : examine(evidenceOf(found.gathered, settings, context.now()));
}

/** Of one workload what is near it is read first, and the rest where that leaves something open. */
async function examinedCluster(
  options: DoctorOptions,
  context: LookContext,
  settings: Settings,
): Promise<Examined> {
  const [{ inCluster }, { fromCluster }, { neighbourhood }, { everything }] = await Promise.all([
    import('../look/live/reach.ts'),
    import('./live/cluster.ts'),
    import('./live/near.ts'),
    import('./live/whole.ts'),
  ]);
  const { workload } = options;
  const namespace = options.namespace ?? (workload && usualNamespace);
  const names = namesOf(settings);
  const question = { names, assumptions: assumptionsOf(settings, context.now()), namespace };
  const examineAll = (found: Gathered) => examine(evidenceOf(found, settings, context.now()));
  return inCluster(options, context, async (client, transport) => {
    const { home } = names;
    if (workload !== undefined && namespace !== undefined) {
      const survey = neighbourhood(client, { namespace, home });
      const near = examineAll(await fromCluster(client, question, survey));
      if (isTold(near, workload, namespace)) return near;
    }
    const survey = everything(client, transport, { namespace, home });
    return examineAll(await fromCluster(client, question, survey));
  });
}

/** Whether a workload's surroundings tell all of it: whose turn it is, and what is elsewhere, they do not. */
function isTold(examination: Examination, asked: WorkloadAsked, namespace: string): boolean {
  const subject = subjectIn(examination, asked, namespace);
  if (subject === undefined || inTurn.has(subject.verdict.kind)) return false;
  return !concerning(examination.findings, subject.key).some(({ check }) => sought.has(check));
}

const inTurn: ReadonlySet<Verdict['kind']> = new Set(['behind', 'waiting']);

/** Said of what is not where it should be, and with where it is. */
const sought: ReadonlySet<FindingKey> = new Set([
  'EndpointInOtherNamespace',
  'EndpointServiceMissing',
]);

/** Of a workload, where none is named. */
const usualNamespace = 'default';

export function evidenceOf(found: Gathered, settings: Settings, nowMs: number): Evidence {
  const assumptions = assumptionsOf(settings, nowMs);
  const names = namesOf(settings);
  const { byKind, records, sees, denied, lacking, isLive } = found;
  const { decide = decidingIn(records, settings) } = found;
  return {
    objects: byKind,
    sees,
    namespaces: records.namespaces,
    instrumentations: records.instrumentations,
    isHidden: records.isHidden,
    judged: judgedIn(assess(records, assumptions, decide), decide),
    owners: records.owners(),
    defaults: settings,
    names,
    now: isLive ? assumptions.now : undefined,
    authority: authorityIn(
      certificatesIn(byKind.Secret, names),
      byKind.MutatingWebhookConfiguration,
    ),
    denied,
    lacking,
  };
}

function certificatesIn(secrets: readonly JsonObject[], { home }: Names) {
  return secrets.find((json) => placeOf(json) === `${home}/otel-retrofit-certificates`);
}

function judgedIn({ judgements, plan }: Assessment, decide: Decide): readonly Judged[] {
  const turns = new Map(plan.restarts.map(({ judgement }, index) => [judgement.key, index + 1]));
  return judgements.map((judgement) => ({
    judgement,
    verdict: plan.verdicts.get(judgement.key) ?? judgement.verdict,
    admission: decide(judgement.workload).admission,
    next: turns.get(judgement.key),
  }));
}

function ofAll({ cluster, findings }: Examination, namespace: string | undefined): Diagnosis {
  const subjects = cluster.subjects.filter(
    ({ world }) => namespace === undefined || world.namespace.name === namespace,
  );
  const keys = new Set(subjects.map(({ key }) => key));
  const shown = findings.filter(
    ({ workloads }) =>
      namespace === undefined ||
      workloads === undefined ||
      workloads.some((workload) => keys.has(workload)),
  );
  return { kind: 'diagnosed', findings: shown, account: undefined, workloads: subjects.length };
}

function ofOne(
  { cluster, findings }: Examination,
  asked: WorkloadAsked,
  { namespace = usualNamespace, paths }: DoctorOptions,
): Diagnosis {
  const subject = subjectIn({ cluster }, asked, namespace);
  if (subject === undefined) {
    const elsewhere = cluster.subjects.filter(
      ({ judgement: { workload } }) => workload.name === asked.name,
    );
    return { kind: 'badInput', problems: [unknown(asked, namespace, { paths, elsewhere })] };
  }
  return {
    kind: 'diagnosed',
    findings: concerning(findings, subject.key),
    account: explain(subject, cluster),
    workloads: 1,
  };
}

function subjectIn(
  { cluster }: Pick<Examination, 'cluster'>,
  { kind, name }: WorkloadAsked,
  namespace: string,
): Subject | undefined {
  const isMeant = isKind(kind);
  return cluster.subjects.find(
    ({ judgement: { workload } }) =>
      workload.namespace === namespace && workload.name === name && isMeant(workload.kind),
  );
}

const isKind = (written: string | undefined) => (kind: string) =>
  written === undefined || shortNames[written.toLowerCase().replace(/\..*$/, '')] === kind;

const shortNames: Readonly<Record<string, string>> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  deployments: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  statefulsets: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
};

function unknown(
  { kind, name }: WorkloadAsked,
  namespace: string,
  {
    paths,
    elsewhere,
  }: { readonly paths: readonly string[]; readonly elsewhere: readonly { readonly key: string }[] },
): Problem {
  const shown = kind === undefined ? name : `${kind}/${name}`;
  const near = elsewhere.map(({ key }) => key).join(', ');
  const remedy =
    near === ''
      ? 'Deployments, StatefulSets and DaemonSets are examined; name the namespace with -n.'
      : `There is ${near}; name the namespace with -n.`;
  return {
    file: paths[0] ?? 'cluster',
    sentence: `There is no ${shown} in the namespace ${namespace}.`,
    remedy,
  };
}

import type { Settings } from '../../config/settings.ts';
import { placeOf, type Evidence, type Judged, type Names } from '../../domain/diagnose/cluster.ts';
import { concerning, examine, type Examination } from '../../domain/diagnose/examine.ts';
import { explain, type Account } from '../../domain/diagnose/explain.ts';
import type { Finding } from '../../domain/diagnose/finding.ts';
import type { JsonObject } from '../../domain/json.ts';
import { assess, assumptionsOf, type Assessment } from '../look/assess.ts';
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
  const found = await gathered(options, context, read.settings);
  if (found.kind === 'unread') return { kind: 'badInput', problems: found.problems };
  const evidence = evidenceOf(found.gathered, read.settings, context.now());
  const examination = examine(evidence);
  const { workload } = options;
  return workload === undefined
    ? ofAll(examination, options.namespace)
    : ofOne(examination, workload, options);
}

const namesOf = (settings: Settings): Names => ({
  home: settings.namespace,
  webhookConfiguration: settings.webhookConfigurationName,
  lease: settings.leaseName,
});

async function gathered(options: DoctorOptions, context: LookContext, settings: Settings) {
  if (options.paths.length > 0) return fromFiles(options.paths, context.stdin);
  const [{ inCluster }, { fromCluster }] = await Promise.all([
    import('../look/live/reach.ts'),
    import('./live/cluster.ts'),
  ]);
  const { workload, namespace = workload && usualNamespace } = options;
  const assumptions = assumptionsOf(settings, context.now());
  const question = { names: namesOf(settings), assumptions, namespace };
  const found = await inCluster(options, context, (client, transport) =>
    fromCluster({ client, transport }, question),
  );
  return 'problems' in found
    ? { kind: 'unread' as const, ...found }
    : { kind: 'gathered' as const, gathered: found };
}

/** Of a workload, where none is named. */
const usualNamespace = 'default';

export function evidenceOf(found: Gathered, settings: Settings, nowMs: number): Evidence {
  const assumptions = assumptionsOf(settings, nowMs);
  const names = namesOf(settings);
  const { byKind, records, wants, sees, denied, lacking, isLive } = found;
  return {
    objects: byKind,
    sees,
    namespaces: records.namespaces,
    instrumentations: records.instrumentations,
    isHidden: records.isHidden,
    judged: judgedIn(assess(records, assumptions, wants)),
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

function judgedIn({ judgements, plan }: Assessment): readonly Judged[] {
  const turns = new Map(plan.restarts.map(({ judgement }, index) => [judgement.key, index + 1]));
  return judgements.map((judgement) => ({
    judgement,
    verdict: plan.verdicts.get(judgement.key) ?? judgement.verdict,
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
  const isMeant = isKind(asked.kind);
  const subject = cluster.subjects.find(
    ({ judgement: { workload } }) =>
      workload.namespace === namespace && workload.name === asked.name && isMeant(workload.kind),
  );
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

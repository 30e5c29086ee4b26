import { origin } from './monitoring.ts';

/** What of a manifest becomes a choice of whoever installs the chart. */
interface Edit {
  readonly from: string | RegExp;
  readonly to: string;
  /** How often it is found; a manifest that has changed must not lose a choice in silence. */
  readonly times: number;
}

type Read = (path: string) => string;

const chart = 'config/helm';
const end = '{{- end }}\n';

/** The chart is the base with values in it, so that Helm and Kustomize install the same. */
export function renderChart(read: Read): readonly (readonly [path: string, text: string])[] {
  const templates = Object.entries(edits).map(([name, list]) => {
    const source = `config/base/${name}`;
    const text = list.reduce(edited(source), everywhere(read(source)));
    return [`${chart}/templates/base/${name}`, origin(source) + text] as const;
  });
  const policies = 'config/components/network-policy/policies.yaml';
  return [
    ...templates,
    [
      `${chart}/templates/base/network-policy.yaml`,
      origin(policies) + chosen(everywhere(read(policies))),
    ],
    [`${chart}/files/instrumentations.yaml`, kept(read('crds/instrumentations.yaml'))],
    [`${chart}/files/alerts.yaml`, origin('metrics/alerts.yaml') + read('metrics/alerts.yaml')],
  ];
}

const everywhere = (text: string) =>
  text
    .replaceAll(/\bnamespace: otel-retrofit$/gm, 'namespace: {{ .Release.Namespace }}')
    .replaceAll(
      'system:serviceaccount:otel-retrofit:',
      'system:serviceaccount:{{ .Release.Namespace }}:',
    );

const edited =
  (source: string) =>
  (text: string, { from, to, times }: Edit): string => {
    const parts = text.split(from);
    if (parts.length === times + 1) return parts.join(to);
    throw new Error(`${source} holds ${String(from)} ${parts.length - 1} times, not ${times}.`);
  };

/** Uninstalling must not take every Instrumentation of the cluster along. */
const kept = (definition: string) => {
  const text = definition.replace(
    /^metadata:\n/m,
    'metadata:\n  annotations:\n    helm.sh/resource-policy: keep\n',
  );
  return origin('crds/instrumentations.yaml') + text;
};

const chosen = (text: string) => `{{- if .Values.networkPolicy.enabled }}\n${text}${end}`;

const once = (from: string | RegExp, to: string): Edit => ({ from, to, times: 1 });

/** Of both Deployments alike. */
const deployment = (role: 'controller' | 'webhook'): readonly Edit[] => [
  once('replicas: 2\n', `replicas: {{ include "otel-retrofit.${role}.replicas" . }}\n`),
  once(
    'image: otel-retrofit:0.1.0\n',
    [
      'image: {{ include "otel-retrofit.image" . }}',
      '          {{- with .Values.image.pullPolicy }}',
      '          imagePullPolicy: {{ . }}',
      '          {{- end }}\n',
    ].join('\n'),
  ),
  once(
    /(?=^ {6}# A Service called)/m,
    `      {{- include "otel-retrofit.scheduling" (dict "root" . "of" .Values.${role}) | nindent 6 }}\n`,
  ),
  once(
    /(?<=fieldPath: metadata\.namespace\n)/,
    `            {{- include "otel-retrofit.settings.${role}" . | nindent 12 }}\n`,
  ),
  once(
    /^ {12}requests:\n(?: {14}.+\n)+ {12}limits:\n(?: {14}.+\n)+/m,
    `            {{- toYaml .Values.${role}.resources | nindent 12 }}\n`,
  ),
];

const unlessCertManager = '{{- if not .Values.certManager.enabled }}\n';

const edits: Readonly<Record<string, readonly Edit[]>> = {
  'controller.yaml': deployment('controller'),
  'controller-policies.yaml': [],
  'controller-rbac.yaml': [
    once(
      'resources: [deployments, statefulsets, daemonsets]\n    verbs: [list, watch, patch]',
      'resources: [deployments, statefulsets, daemonsets]\n    verbs: [list, watch{{ if not .Values.namespaces }}, patch{{ end }}]',
    ),
  ],
  'webhook.yaml': [
    ...deployment('webhook'),
    once(
      'whenUnsatisfiable: ScheduleAnyway\n',
      'whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" .Values.highlyAvailable }}\n',
    ),
    once(
      /(?<= {6})(?=containers:\n)/,
      '{{- include "otel-retrofit.zones" . | nindent 8 }}\n      ',
    ),
    once(
      /(?<=drop: \[ALL\]\n)(?=---\n)/,
      [
        '          {{- include "otel-retrofit.certificateMount" . | nindent 10 }}',
        '      {{- include "otel-retrofit.certificateVolume" . | nindent 6 }}\n',
      ].join('\n'),
    ),
    once('minAvailable: 1\n', 'minAvailable: {{ include "otel-retrofit.minAvailable" . }}\n'),
  ],
  'webhook-rbac.yaml': [
    once(/(?=^ {2}# The authority that signed)/m, unlessCertManager),
    once(/(?<=verbs: \[get, patch\]\n)(?=---\napiVersion: \S+\nkind: ClusterRoleBinding)/, end),
    once(/(?=^---\napiVersion: \S+\nkind: Role\n)/m, unlessCertManager),
    once(/\n(?![^])/, `\n${end}`),
  ],
  'admission.yaml': [
    {
      from: /(?<=^metadata:\n {2}name: otel-retrofit\n)/m,
      to: '  {{- include "otel-retrofit.injectAuthority" . | nindent 2 }}\n',
      times: 2,
    },
    once(
      /(?<= {4}namespaceSelector:\n)(?: {6,}.+\n)+/,
      '      {{- include "otel-retrofit.namespaceSelector" . | nindent 6 }}\n',
    ),
  ],
};

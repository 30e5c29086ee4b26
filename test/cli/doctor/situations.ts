import type { FindingKey } from '../../../domain/diagnose/checks.ts';
import type { JsonObject } from '../../../domain/json.ts';
import { inject, policy, refusedBirth, server, type Scene } from './cluster.ts';

/** A cluster in which something is wrong, and what must be named before anything else. */
export interface Situation {
  /** As a sentence: "a pod has no agent because …". */
  readonly title: string;
  readonly first: FindingKey;
  readonly scene: Scene;
  /** What the answer must hold besides: the name, the value, the command. */
  readonly tells?: string;
}

const java = { [inject('java')]: 'true' };
const python = { [inject('python')]: 'true' };
const late = '2026-11-21T10:00:00Z';

const collectorConfiguration = (text: string): readonly JsonObject[] => [
  stored('ConfigMap/observability/collector', { 'config.yaml': text }),
];

const withConfiguration = {
  'Pod/observability/demo-collector-1': {
    spec: { volumes: [{ name: 'config', configMap: { name: 'collector' } }] },
  },
};

const otherWebhook = (name: string, webhook: string, service: string): JsonObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks: [
    {
      name: webhook,
      clientConfig: { service: { name: service, namespace: 'elsewhere' } },
      rules: [{ apiGroups: [''], operations: ['CREATE'], resources: ['pods'] }],
    },
  ],
});

const unready = { conditions: [{ type: 'Ready', status: 'False' }] };

/** Pods whose agent does not come. */
const waitingFor = (reason: string): NonNullable<Scene['workloads']> => [
  {
    podStatus: {
      phase: 'Pending',
      ...unready,
      initContainerStatuses: [
        {
          name: 'opentelemetry-auto-instrumentation-nodejs',
          restartCount: 0,
          state: { waiting: { reason } },
        },
      ],
    },
    status: { readyReplicas: 0, availableReplicas: 0 },
  },
];

/** A Deployment of two of which one is there that is ready, and one more is refused. */
const refusing = (message: string): JsonObject => ({
  updatedReplicas: 0,
  conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }],
});

/** Pods whose application does not stay. */
const crashing = (
  restartCount: number,
  terminated: JsonObject,
): NonNullable<Scene['workloads']> => [
  {
    podStatus: {
      containerStatuses: [
        {
          name: 'app',
          restartCount,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated },
        },
      ],
    },
  },
];

const sendingTo = (endpoint: string, tls?: JsonObject): NonNullable<Scene['instrumentations']> => [
  { spec: { exporter: { endpoint, ...(tls && { tls }) } } },
];

/** By `Kind/namespace/name`. */
function stored(place: string, data: JsonObject): JsonObject {
  const [kind = '', namespace = '', name = ''] = place.split('/');
  return { apiVersion: 'v1', kind, metadata: { name, namespace }, data };
}

const installation: readonly Situation[] = [
  {
    title: 'nothing is installed',
    first: 'WebhookNotInstalled',
    scene: {
      without: ['MutatingWebhookConfiguration/otel-retrofit'],
      workloads: [{ pods: 'bare' }],
    },
  },
  {
    title: 'the webhook configuration has no authority yet',
    first: 'WebhookWithoutAuthority',
    scene: { webhook: { clientConfig: { caBundle: null } }, workloads: [{ pods: 'bare' }] },
    tells: 'kubectl logs -n otel-retrofit',
  },
  {
    title: 'no pod of the webhook is ready',
    first: 'WebhookNotReady',
    scene: {
      changed: { 'Pod/otel-retrofit/otel-retrofit-webhook-1': { status: unready } },
      workloads: [{ pods: 'bare' }],
    },
  },
  {
    title: 'the Service of the webhook was deleted',
    first: 'WebhookServiceMissing',
    scene: { without: ['Service/otel-retrofit/otel-retrofit-webhook'] },
  },
  {
    title: 'the Service of the webhook has another port',
    first: 'WebhookPortMissing',
    scene: { webhook: { clientConfig: { service: { port: 9443 } } } },
    tells: 'port 9443',
  },
  {
    title: 'somebody took the rule for pods out of the webhook configuration',
    first: 'WebhookRulesChanged',
    scene: {
      webhook: { rules: [{ apiGroups: [''], operations: ['UPDATE'], resources: ['pods'] }] },
    },
  },
  {
    title: 'a selector leaves the namespace out',
    first: 'NamespaceExcluded',
    scene: {
      webhook: {
        namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
      },
      namespaces: { 'otel-retrofit': { labels: { team: 'platform' } } },
      workloads: [{ pods: 'bare' }],
    },
    tells: 'kubectl get namespace shop --show-labels',
  },
  {
    title: 'the workload lives in kube-system, which is left out on purpose',
    first: 'NamespaceExcluded',
    scene: {
      workloads: [
        {
          namespace: 'kube-system',
          annotations: { [inject('nodejs')]: 'shop/agents' },
          pods: 'bare',
        },
      ],
    },
  },
  {
    title: 'an objectSelector leaves the pods out',
    first: 'PodsExcluded',
    scene: {
      webhook: { objectSelector: { matchLabels: { traced: 'yes' } } },
      workloads: [{ pods: 'bare' }],
    },
  },
  {
    title: 'the webhook is not asked about its own namespace, so nothing is proven',
    first: 'HomeExcluded',
    scene: {
      webhook: {
        namespaceSelector: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop'] },
          ],
        },
      },
    },
  },
  {
    title: 'dry runs of the controller fail',
    first: 'ProbeFails',
    scene: {
      instrumentations: [
        {
          status: {
            conditions: [{ type: 'Ready', status: 'False', reason: 'WebhookUnproven' }],
          },
        },
      ],
    },
  },
  {
    title: 'the controller was never installed',
    first: 'ControllerMissing',
    scene: { without: ['Deployment/otel-retrofit/otel-retrofit-controller'] },
  },
  {
    title: 'the controller does not start',
    first: 'ControllerNotReady',
    scene: {
      changed: {
        'Deployment/otel-retrofit/otel-retrofit-controller': { status: { readyReplicas: null } },
      },
    },
  },
  {
    title: 'no controller holds the lease',
    first: 'NobodyLeads',
    scene: {
      changed: { 'Lease/otel-retrofit/otel-retrofit-controller': { spec: { holderIdentity: '' } } },
    },
  },
  {
    title: 'an upgrade stopped halfway',
    first: 'ReleasesDiffer',
    scene: {
      changed: {
        'Deployment/otel-retrofit/otel-retrofit-webhook': {
          spec: { template: { spec: { containers: [{ name: 'main', image: 'retrofit:2' }] } } },
        },
      },
    },
  },
  {
    title: 'the webhook would block every pod while it is away',
    first: 'WebhookMayBlock',
    scene: { webhook: { failurePolicy: 'Fail' } },
  },
  {
    title: 'the OpenTelemetry Operator injects the same pods',
    first: 'OperatorBeside',
    scene: {
      more: [
        otherWebhook(
          'opentelemetry-operator-mutation',
          'mpod.kb.io',
          'opentelemetry-operator-webhook',
        ),
      ],
    },
  },
  {
    title: 'another vendor injects the same pods',
    first: 'VendorBeside',
    scene: { more: [otherWebhook('datadog-webhook', 'datadog.webhook.lib', 'cluster-agent')] },
    tells: 'Datadog',
  },
];

const requests: readonly Situation[] = [
  {
    title: 'the annotation stands on the Deployment instead of its pod template',
    first: 'AnnotationMisplaced',
    scene: { workloads: [{ annotations: {}, metadata: { annotations: java } }] },
    tells: 'kubectl patch deployment cart -n shop --type merge',
  },
  {
    title: 'the annotation stands among the labels',
    first: 'AnnotationAmongLabels',
    scene: { workloads: [{ annotations: {}, labels: java }] },
  },
  {
    title: 'the annotation asks for inject-node',
    first: 'LanguageUnknown',
    scene: { workloads: [{ annotations: { [inject('node')]: 'true' } }] },
    tells: 'Write instrumentation.opentelemetry.io/inject-nodejs.',
  },
  {
    title: 'the namespace asks for a language that there is not',
    first: 'LanguageUnknown',
    scene: {
      namespaces: { shop: { annotations: { [inject('golang')]: 'true' } } },
      workloads: [{ annotations: {} }],
    },
    tells: 'Write instrumentation.opentelemetry.io/inject-go.',
  },
  {
    title: 'the prefix of the annotation is misspelt',
    first: 'AnnotationMisspelt',
    scene: {
      workloads: [{ annotations: { 'instrumentation.opentelemtry.io/inject-java': 'true' } }],
    },
    tells: 'Write instrumentation.opentelemetry.io/inject-java.',
  },
  {
    title: 'the value of the annotation is "yes"',
    first: 'ValueTakenForName',
    scene: { workloads: [{ annotations: { [inject('java')]: 'yes' } }] },
    tells: 'inject-java: "true"',
  },
  {
    title: 'the Instrumentation lies in another namespace',
    first: 'NoInstrumentation',
    scene: { instrumentations: [{ namespace: 'observability' }] },
    tells: '"observability/agents"',
  },
  {
    title: 'the name of the Instrumentation is misspelt',
    first: 'InstrumentationNotFound',
    scene: { workloads: [{ annotations: { [inject('nodejs')]: 'agent' } }] },
    tells: 'inject-nodejs: "agents"',
  },
  {
    title: 'the annotation names the wrong namespace',
    first: 'InstrumentationNotFound',
    scene: { workloads: [{ annotations: { [inject('nodejs')]: 'observability/agents' } }] },
    tells: 'inject-nodejs: "agents"',
  },
  {
    title: 'the namespace holds two Instrumentations and the annotation names neither',
    first: 'SeveralInstrumentationsSelect',
    scene: { instrumentations: [{}, { name: 'others' }] },
    tells: 'shop/agents, shop/others',
  },
  {
    title: 'two languages are asked for without their containers',
    first: 'ContainerNamesNeeded',
    scene: { workloads: [{ annotations: { ...java, ...python } }] },
  },
  {
    title: 'the container list names a container that there is not',
    first: 'UnknownContainer',
    scene: {
      workloads: [
        { annotations: { ...java, 'instrumentation.opentelemetry.io/container-names': 'web' } },
      ],
    },
  },
  {
    title: 'Go is not told which executable is meant',
    first: 'TargetExecutableMissing',
    scene: { workloads: [{ annotations: { [inject('go')]: 'true' } }] },
  },
  {
    title: 'the namespace forbids the privileged agent of Go',
    first: 'PodSecurityForbids',
    scene: {
      namespaces: { shop: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
      workloads: [
        {
          annotations: {
            [inject('go')]: 'true',
            'instrumentation.opentelemetry.io/otel-go-auto-target-exe': '/app',
          },
        },
      ],
    },
  },
  {
    title: 'a LimitRange allows no container as large as the one that brings the agent',
    first: 'LimitRangeForbids',
    tells: 'small: max memory 128Mi per Container',
    scene: {
      workloads: [{ annotations: { [inject('java')]: 'true' } }],
      more: [
        {
          apiVersion: 'v1',
          kind: 'LimitRange',
          metadata: { name: 'small', namespace: 'shop' },
          spec: { limits: [{ type: 'Container', max: { memory: '128Mi' } }] },
        },
      ],
    },
  },
  {
    title: 'a setting of the Instrumentation would make the pod invalid',
    first: 'InstrumentationInvalid',
    scene: { instrumentations: [{ spec: { nodejs: { env: [{ value: 'nameless' }] } } }] },
  },
  {
    title: 'a value of the Instrumentation is a boolean, for its quotes are missing',
    first: 'InstrumentationInvalid',
    scene: {
      instrumentations: [{ spec: { nodejs: { env: [{ name: 'OTEL_LOG_LEVEL', value: false }] } } }],
    },
    tells: 'Quote the value',
  },
  {
    title: 'the application already starts under opentelemetry-instrument',
    first: 'AnotherAgentPresent',
    scene: {
      workloads: [
        {
          annotations: python,
          container: { command: ['opentelemetry-instrument', 'python', 'a.py'] },
        },
      ],
    },
  },
  {
    title: 'NODE_OPTIONS comes from an optional Secret',
    first: 'EnvironmentByReference',
    scene: {
      workloads: [
        {
          container: {
            env: [
              {
                name: 'NODE_OPTIONS',
                valueFrom: { secretKeyRef: { name: 'options', key: 'node', optional: true } },
              },
            ],
          },
        },
      ],
    },
  },
  {
    title: 'somebody wrote a live pod back into the pod template',
    first: 'InjectedTemplate',
    scene: {
      workloads: [
        {
          podSpec: {
            initContainers: [{ name: 'opentelemetry-auto-instrumentation-nodejs', image: 'old' }],
          },
        },
      ],
    },
  },
];

const rollouts: readonly Situation[] = [
  {
    title: 'the pods are older than the Instrumentation',
    first: 'PodsPredateInstrumentation',
    scene: {
      instrumentations: [{ metadata: { creationTimestamp: late } }],
      workloads: [{ pods: 'bare' }],
    },
    tells: 'kubectl rollout restart deployment/cart -n shop',
  },
  {
    title: 'Argo CD applies the Instrumentation after the Deployment',
    first: 'InstrumentationAppliedLate',
    scene: {
      instrumentations: [
        {
          metadata: {
            creationTimestamp: '2026-11-20T08:00:01Z',
            annotations: {
              'argocd.argoproj.io/tracking-id': 'shop:opentelemetry.io/Instrumentation',
            },
          },
        },
      ],
      workloads: [
        {
          pods: 'bare',
          metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment' } },
        },
      ],
    },
    tells: 'argocd.argoproj.io/sync-wave',
  },
  {
    title: 'the webhook was away when the pods were made',
    first: 'WebhookMissed',
    scene: { workloads: [{ pods: 'bare' }] },
  },
  {
    title: 'the Deployment is paused',
    first: 'Paused',
    scene: { workloads: [{ pods: 'bare', spec: { paused: true } }] },
    tells: 'kubectl rollout resume deployment/cart -n shop',
  },
  {
    title: 'the StatefulSet replaces its pods only when they are deleted',
    first: 'OnDelete',
    scene: {
      workloads: [
        { kind: 'StatefulSet', pods: 'bare', spec: { updateStrategy: { type: 'OnDelete' } } },
      ],
    },
  },
  {
    title: 'restarts are switched off for the namespace',
    first: 'RemediationOff',
    scene: {
      namespaces: { shop: { annotations: { 'otel-retrofit.dev/remediation': 'off' } } },
      workloads: [{ pods: 'bare' }],
    },
  },
  {
    title: 'a quota has no room for a pod more while our restart is under way',
    first: 'PodsRefused',
    scene: { workloads: [{ pods: 'bare', status: refusing('exceeded quota: small') }] },
    tells: 'exceeded quota: small',
  },
  {
    title: 'a quota wants limits that the container of the agent does not name',
    first: 'PodsRefused',
    scene: {
      workloads: [
        {
          pods: 'none',
          status: refusing(
            'failed quota: small: must specify limits.cpu for: opentelemetry-auto-instrumentation-nodejs',
          ),
        },
      ],
    },
    tells: 'must specify limits.cpu',
  },
  {
    title: 'a quota has no room for what the agent of a StatefulSet asks for',
    first: 'PodsRefused',
    scene: {
      workloads: [{ kind: 'StatefulSet', status: { replicas: 1, updatedReplicas: 0 } }],
      more: [
        refusedBirth('StatefulSet', 'cart', 'create Pod cart-1 failed: exceeded quota: small'),
      ],
    },
    tells: 'exceeded quota: small',
  },
  {
    title: 'the image of the agent cannot be pulled',
    first: 'AgentImageNotPulled',
    scene: {
      workloads: waitingFor('ImagePullBackOff'),
    },
  },
  {
    title: 'the init container of the agent fails',
    first: 'AgentNotCopied',
    scene: {
      workloads: waitingFor('CreateContainerConfigError'),
    },
    tells: 'CreateContainerConfigError',
  },
  {
    title: 'the application runs out of memory with its agent',
    first: 'MemoryTooSmall',
    scene: {
      workloads: crashing(3, { reason: 'OOMKilled', exitCode: 137 }),
    },
  },
  {
    title: 'the application crashes since it has its agent',
    first: 'CrashesWithAgent',
    scene: {
      workloads: crashing(9, { reason: 'Error', exitCode: 1 }),
    },
    tells: '--previous',
  },
  {
    title: 'the liveness probe gives Java nine seconds',
    first: 'ProbesTooShort',
    scene: {
      workloads: [
        { annotations: java, container: { livenessProbe: { periodSeconds: 3, httpGet: {} } } },
      ],
    },
  },
];

const deliveries: readonly Situation[] = [
  {
    title: 'the endpoint has no scheme',
    first: 'EndpointMalformed',
    scene: {
      instrumentations: sendingTo('demo-collector.observability:4318'),
    },
  },
  {
    title: 'the endpoint is the health check of the Collector',
    first: 'EndpointMalformed',
    scene: {
      instrumentations: sendingTo('http://demo-collector.observability.svc:13133'),
      without: ['Service/observability/demo-collector'],
      more: server(
        { name: 'demo-collector', place: 'observability', port: 13133 },
        undefined,
      ).slice(1, 2),
    },
  },
  {
    title: 'the endpoint lacks the namespace of the Collector',
    first: 'EndpointInOtherNamespace',
    scene: {
      instrumentations: sendingTo('http://demo-collector:4318'),
    },
    tells: 'Write http://demo-collector.observability.svc:4318.',
  },
  {
    title: 'the Service of the Collector does not exist',
    first: 'EndpointServiceMissing',
    scene: {
      instrumentations: sendingTo('http://demo-colector.observability.svc:4318'),
    },
    tells: 'the nearest is demo-collector',
  },
  {
    title: 'the Service of the Collector does not have the port',
    first: 'EndpointPortMissing',
    scene: {
      instrumentations: sendingTo('http://demo-collector.observability.svc:4317'),
    },
    tells: 'it has 4318',
  },
  {
    title: 'no pod of the Collector is ready',
    first: 'EndpointWithoutPods',
    scene: {
      changed: { 'Pod/observability/demo-collector-1': { status: unready } },
    },
  },
  {
    title: 'the Collector listens on localhost',
    first: 'CollectorListensLocally',
    scene: {
      changed: withConfiguration,
      more: collectorConfiguration(
        'receivers:\n  otlp:\n    protocols:\n      http:\nexporters:\n  debug:\n',
      ),
    },
    tells: '0.0.0.0:4318',
  },
  {
    title: 'the Collector is told to listen for gRPC alone',
    first: 'CollectorLacksProtocol',
    scene: {
      changed: withConfiguration,
      more: collectorConfiguration(
        'receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpoint: 0.0.0.0:4317\n',
      ),
    },
  },
  {
    title: 'no pipeline of the Collector takes from its receiver',
    first: 'CollectorReceiverUnused',
    scene: {
      changed: withConfiguration,
      more: collectorConfiguration(
        'receivers:\n  otlp:\n    protocols:\n      http:\n        endpoint: 0.0.0.0:4318\nservice:\n  pipelines:\n    traces:\n      receivers: [jaeger]\n      exporters: [debug]\n',
      ),
    },
  },
  {
    title: 'a NetworkPolicy lets nothing out but questions for names',
    first: 'EgressForbidden',
    scene: {
      more: [
        policy('shop/names-only', {
          policyTypes: ['Egress'],
          egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }],
        }),
      ],
    },
    tells: 'kubectl describe networkpolicy names-only -n shop',
  },
  {
    title: 'the NetworkPolicy of the Collector lets in its own namespace alone',
    first: 'IngressForbidden',
    scene: {
      more: [policy('observability/collector', { ingress: [{ from: [{ podSelector: {} }] }] })],
    },
    tells: 'Let pods of shop reach port 4318',
  },
  {
    title: 'Python sends to the port of gRPC',
    first: 'ProtocolMismatch',
    scene: {
      instrumentations: sendingTo('http://grpc-collector.observability.svc:4317'),
      more: server({ name: 'grpc-collector', place: 'observability', port: 4317 }, undefined),
      workloads: [{ annotations: python }],
    },
  },
  {
    title: 'the Secret with the certificates lies in another namespace',
    first: 'TlsSourceMissing',
    scene: {
      instrumentations: sendingTo('https://demo-collector.observability.svc:4318', {
        secretName: 'collector-tls',
        ca_file: 'ca.crt',
      }),
      more: [stored('Secret/observability/collector-tls', { 'ca.crt': '' })],
    },
    tells: 'Secret/shop/collector-tls',
  },
  {
    title: 'the Secret with the certificates lacks the key',
    first: 'TlsKeyMissing',
    scene: {
      instrumentations: sendingTo('https://demo-collector.observability.svc:4318', {
        secretName: 'collector-tls',
        ca_file: 'ca.crt',
      }),
      more: [stored('Secret/shop/collector-tls', { 'tls.crt': '' })],
    },
    tells: 'ca.crt',
  },
  {
    title: 'no endpoint is set',
    first: 'EndpointMissing',
    scene: { instrumentations: [{ spec: { exporter: null } }] },
  },
  {
    title: 'the endpoint is localhost, where nothing listens',
    first: 'EndpointLocal',
    scene: { instrumentations: sendingTo('http://localhost:4318') },
  },
];

const behaviours: readonly Situation[] = [
  {
    title: 'Java is asked for and Python runs',
    first: 'WrongLanguage',
    scene: {
      workloads: [
        { annotations: java, container: { image: 'python:3.14', command: ['python', 'app.py'] } },
      ],
    },
    tells: 'looks like python',
  },
  {
    title: 'a variable of the container switches the agent off',
    first: 'SwitchedOff',
    scene: {
      workloads: [{ container: { env: [{ name: 'OTEL_SDK_DISABLED', value: 'true' }] } }],
    },
  },
  {
    title: 'Python is started without its variables',
    first: 'PythonIsolated',
    scene: {
      workloads: [{ annotations: python, container: { command: ['python3', '-BI', 'app.py'] } }],
    },
    tells: 'app: -BI',
  },
  {
    title: 'NODE_OPTIONS of a ConfigMap is replaced',
    first: 'EnvironmentReplaced',
    scene: {
      workloads: [{ container: { envFrom: [{ configMapRef: { name: 'options' } }] } }],
      more: [stored('ConfigMap/shop/options', { NODE_OPTIONS: '--max-old-space-size=512' })],
    },
    tells: 'otel-retrofit.dev/join-env: "NODE_OPTIONS"',
  },
  {
    title: 'a second agent starts in the same container',
    first: 'OtherVendorsAgent',
    scene: {
      workloads: [
        {
          annotations: java,
          container: {
            env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-javaagent:/dd/dd-java-agent.jar' }],
          },
        },
      ],
    },
  },
  {
    title: 'the sampler keeps no trace',
    first: 'InstrumentationQuestionable',
    scene: {
      instrumentations: [
        { spec: { sampler: { type: 'parentbased_traceidratio', argument: '0' } } },
      ],
    },
  },
  {
    title: 'the warnings of a Python application no longer reach its console',
    first: 'PythonConsoleSilent',
    scene: { workloads: [{ annotations: python }] },
  },
];

/** Everything that the troubleshooting of the field knows, and more. */
export const broken: readonly Situation[] = [
  ...installation,
  ...requests,
  ...rollouts,
  ...deliveries,
  ...behaviours,
];

/** Clusters in which nothing is wrong, however odd they look. */
export const healthy: readonly Pick<Situation, 'title' | 'scene'>[] = [
  { title: 'every pod has its agent', scene: {} },
  { title: 'nobody asks for anything', scene: { workloads: [{ annotations: {} }] } },
  {
    title: 'a workload says no',
    scene: {
      namespaces: { shop: { annotations: { [inject('nodejs')]: 'true' } } },
      workloads: [{ annotations: { [inject('nodejs')]: 'false' } }],
    },
  },
  {
    title: 'the namespace asks for all in it',
    scene: {
      namespaces: { shop: { annotations: { [inject('java')]: 'true' } } },
      workloads: [{ annotations: {} }, { name: 'web', annotations: {} }],
    },
  },
  {
    title: 'the Instrumentation of another namespace is named',
    scene: {
      instrumentations: [{ namespace: 'observability' }],
      workloads: [{ annotations: { [inject('nodejs')]: 'observability/agents' } }],
    },
  },
  {
    title: 'a DaemonSet sends to the agent on its node',
    scene: {
      instrumentations: sendingTo('http://$(OTEL_NODE_IP):4318'),
      workloads: [
        {
          kind: 'DaemonSet',
          status: {
            desiredNumberScheduled: 2,
            currentNumberScheduled: 2,
            updatedNumberScheduled: 2,
            numberReady: 2,
            numberAvailable: 2,
          },
        },
      ],
    },
  },
  {
    title: 'telemetry leaves the cluster over https',
    scene: {
      instrumentations: sendingTo('https://otlp.example.com'),
    },
  },
  {
    title: 'a Collector runs in the pod itself',
    scene: {
      instrumentations: sendingTo('http://localhost:4318'),
      workloads: [
        {
          podSpec: {
            initContainers: [
              {
                name: 'otc-container',
                image: 'otel/opentelemetry-collector',
                restartPolicy: 'Always',
              },
            ],
          },
        },
      ],
    },
  },
  {
    title: 'other webhooks change pods for other reasons',
    scene: {
      more: [
        otherWebhook('istio-sidecar-injector', 'rev.namespace.sidecar-injector.istio.io', 'istiod'),
        otherWebhook('my-operator', 'mpod.kb.io', 'my-operator-webhook'),
      ],
    },
  },
  {
    title: 'the certificates of the Collector are where they should be',
    scene: {
      instrumentations: sendingTo('https://demo-collector.observability.svc:4318', {
        configMapName: 'authority',
        ca_file: 'ca.crt',
      }),
      more: [stored('ConfigMap/shop/authority', { 'ca.crt': 'somebody' })],
    },
  },
  {
    title: 'NetworkPolicies forbid all but what is needed',
    scene: {
      more: [
        policy('shop/nothing', { policyTypes: ['Ingress', 'Egress'] }),
        policy('shop/telemetry', {
          podSelector: { matchLabels: { app: 'cart' } },
          egress: [
            {
              to: [
                {
                  namespaceSelector: {
                    matchLabels: { 'kubernetes.io/metadata.name': 'observability' },
                  },
                },
              ],
              ports: [{ protocol: 'TCP', port: 4317, endPort: 4318 }],
            },
          ],
        }),
        policy('observability/collector', {
          podSelector: { matchLabels: { app: 'demo-collector' } },
          ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 4318 }] }],
        }),
      ],
    },
  },
  {
    title: 'a workload is scaled to nothing',
    scene: { workloads: [{ replicas: 0, pods: 'none' }] },
  },
  {
    title: 'a ConfigMap in envFrom holds nothing of ours',
    scene: {
      workloads: [{ container: { envFrom: [{ configMapRef: { name: 'options' } }] } }],
      more: [stored('ConfigMap/shop/options', { COLOUR: 'red' })],
    },
  },
];

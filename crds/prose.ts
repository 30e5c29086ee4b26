/** What the reference page says that no single field can say. */

export const example = `apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata:
  name: agents
  namespace: shop
spec:
  exporter:
    endpoint: http://collector.observability:4318
  propagators: [tracecontext, baggage]
  sampler:
    type: parentbased_traceidratio
    argument: "0.25"
  resource:
    resourceAttributes:
      deployment.environment.name: production
  java:
    env:
      - name: OTEL_INSTRUMENTATION_KAFKA_ENABLED
        value: "false"
  nodejs:
    resourceRequirements:
      limits: { cpu: "1", memory: 512Mi }`;

export const exampleExplained = `In this example:

- every agent sends to a Collector in the namespace \`observability\`, over HTTP;
- a service that starts a trace keeps a quarter of them, and the others follow it;
- all telemetry says which environment it comes from;
- Java agents leave Kafka alone, and Node.js agents are copied with more memory than usual;
- the image of each agent is the default of this release.

It does nothing by itself. Pods of the namespace ask for it on their template, or all at once on the
namespace:

\`\`\`yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
spec:
  template:
    metadata:
      annotations:
        instrumentation.opentelemetry.io/inject-java: "true"
\`\`\`

Pods of another namespace name it: \`inject-java: shop/agents\`.

Run it:

1. \`kubectl apply -f agents.yaml\`
2. \`kubectl get otelinst -n shop\` shows what pods have it:

   \`\`\`console
   NAME     AGE   ENDPOINT                              SAMPLER                    SAMPLER ARG   READY   COVERED   PODS   CURRENT
   agents   2m    http://collector.observability:4318   parentbased_traceidratio   0.25          True    False     5      3
   \`\`\`

3. \`kubectl describe otelinst agents -n shop\` names the workloads that need a person, and why.`;

export const shapesExplained = `These are the shapes of Kubernetes, accepted as they are. An amount is a quantity such as \`500m\`,
\`2\` or \`256Mi\`.`;

export const statusExample = `status:
  observedGeneration: 3
  conditions:
    - type: Ready
      status: "True"
      observedGeneration: 3
      lastTransitionTime: "2026-11-20T09:00:00Z"
      reason: Served
      message: This generation is valid, and the webhook injects it.
    - type: Covered
      status: "False"
      observedGeneration: 3
      lastTransitionTime: "2026-11-20T09:00:00Z"
      reason: PodsPredateInstrumentation
      message: Pods are older than this Instrumentation. They get it when they are restarted.
    - type: Remediating
      status: "True"
      observedGeneration: 3
      lastTransitionTime: "2026-11-20T09:00:30Z"
      reason: PodsPredateInstrumentation
      message: Workloads are being restarted.
  pods: { wanted: 5, current: 3, aged: 1, outdated: 0, adopted: 0, missing: 2, refused: 0 }
  workloads: { current: 2, behind: 1, waiting: 0, held: 0, stuck: 0, refused: 0 }
  resolved:
    java:
      image: ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.30.0
      endpoint: http://collector.observability:4318
  attention:
    - workload: StatefulSet/shop/ledger
      reason: DowntimeExpected
      message: A restart would leave no pod running. Run \`kubectl rollout restart statefulset/ledger -n shop\`.
  settings:
    digest: 4f1c0a9d2b7e6835
    since: "2026-11-20T09:00:00Z"
    followed: []`;

/** In the order in which they matter to a person. */
export const conditions = [
  {
    type: 'Ready',
    text: 'This generation is valid and served by a webhook that was seen to work. It says nothing about pods, so a tool that waits for it, such as Argo CD or Flux, never waits for a restart.',
  },
  {
    type: 'Covered',
    text: 'Every pod that asked for it has it. While it is false, the reason is the most frequent one among the pods that do not.',
  },
  {
    type: 'Remediating',
    text: 'Restarts are planned or under way. False with the reason `NothingToDo`, `ObserveOnly`, `BreakerOpen` or `WebhookUnproven`.',
  },
  {
    type: 'Reconciling',
    text: 'There only while true: the status does not speak of the present generation yet.',
  },
  {
    type: 'Stalled',
    text: 'There only while true: nothing but a change of this object helps.',
  },
] as const;

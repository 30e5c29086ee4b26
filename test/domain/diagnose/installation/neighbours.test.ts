import test from 'ava';
import { neighbourFindings } from '../../../../domain/diagnose/installation/neighbours.ts';
import { clusterOf } from '../support.ts';

const beside = (configuration: string, webhook: string, resource = 'pods') =>
  neighbourFindings(
    clusterOf({
      more: [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'MutatingWebhookConfiguration',
          metadata: { name: configuration },
          webhooks: [{ name: webhook, rules: [{ resources: [resource] }] }],
        },
      ],
    }),
  ).map(({ check, detail }) => detail ?? check);

const table = [
  ['dynatrace-webhook', 'webhook.pod.dynatrace.com', 'Dynatrace'],
  ['newrelic-k8s-agents-operator', 'instrumentation.k8s-agents-operator.newrelic.com', 'New Relic'],
  ['instana-autotrace-webhook', 'instana-autotrace-webhook.instana.svc', 'Instana'],
  ['opentelemetry-operator-mutation', 'mpod.kb.io', 'OperatorBeside'],
] as const;

for (const [configuration, webhook, found] of table) {
  test(`the webhook ${webhook} is that of ${found}`, (t) => {
    t.deepEqual(beside(configuration, webhook), [found]);
  });
}

test('a webhook that is asked about something else than pods puts no agent anywhere', (t) => {
  t.deepEqual(beside('dynatrace-webhook', 'webhook.dynatrace.com', 'namespaces'), []);
});

test('many programs call their webhook as the operator does', (t) => {
  t.deepEqual(beside('my-operator', 'mpod.kb.io'), []);
});

import test from 'ava';
import { day, minute } from '../../../support/restart.ts';
import { ago, java, says, stamped } from './says.ts';

test('with pods older than the Instrumentation', says, {}, 'behind PodsPredateInstrumentation');
test(
  'with pods older than the request of their namespace',
  says,
  {
    templateAnnotations: { [java]: null },
    namespace: {
      annotations: { [java]: 'true' },
      managedFields: [
        {
          manager: 'kubectl',
          time: ago(10 * minute),
          fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${java}`]: {} } } },
        },
        {
          manager: 'other',
          time: ago(1),
          fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:team': {} } } },
        },
      ],
    },
    pods: [{ age: 20 * minute }],
  },
  'behind PodsPredateRequest',
);
test(
  'with pods that the webhook missed',
  says,
  { pods: [stamped, { age: 5 * minute }] },
  'behind WebhookMissed',
);
test(
  'is told by its youngest bare pod',
  says,
  { pods: [{ age: day }, { age: 5 * minute }] },
  'behind WebhookMissed',
);
test(
  'with pods that were declined in the second in which the Instrumentation came',
  says,
  { pods: [{ age: 30 * minute, carries: 'declined', declined: { asked: 'feedfeedfeedfeed' } }] },
  'behind PodsPredateInstrumentation',
);
test(
  'with pods of the second in which the Instrumentation came, that nobody declined',
  says,
  { pods: [{ age: 30 * minute }] },
  'behind WebhookMissed',
);

import test from 'ava';
import { concerning, examine } from '../../../domain/diagnose/examine.ts';
import { inject } from '../../cli/doctor/cluster.ts';
import { evidenceOn, keysOf } from './support.ts';

test('nothing is found where all is well', (t) => {
  t.deepEqual(examine(evidenceOn({})).findings, []);
});

test('the cause comes before what follows from it', (t) => {
  const { findings } = examine(
    evidenceOn({
      webhook: { clientConfig: { caBundle: null } },
      instrumentations: [{ spec: { exporter: { endpoint: 'http://demo-collector:4318' } } }],
      workloads: [{ pods: 'bare' }],
    }),
  );
  t.deepEqual(keysOf(findings), [
    'WebhookWithoutAuthority',
    'EndpointInOtherNamespace',
    'WebhookMissed',
  ]);
});

test('of one workload only what concerns it is told, and what concerns all', (t) => {
  const { findings } = examine(
    evidenceOn({
      webhook: { failurePolicy: 'Fail' },
      workloads: [{}, { name: 'web', annotations: { [inject('nodejs')]: 'nobody' } }],
    }),
  );
  t.deepEqual(keysOf(concerning(findings, 'Deployment/shop/cart')), ['WebhookMayBlock']);
  t.deepEqual(keysOf(concerning(findings, 'Deployment/shop/web')), [
    'InstrumentationNotFound',
    'WebhookMayBlock',
  ]);
});

test('rights that our ServiceAccounts lack, and kinds that may not be read, are told', (t) => {
  const lacking = [{ account: 'otel-retrofit/otel-retrofit-controller', right: 'list pods' }];
  const { findings } = examine(evidenceOn({}, { denied: ['Secret'], lacking }));
  t.deepEqual(
    findings.map(({ check, level, about, detail }) => [check, level, about, detail]),
    [
      [
        'RightsMissing',
        'error',
        'ServiceAccount/otel-retrofit/otel-retrofit-controller',
        'list pods',
      ],
      ['NotLookedAt', 'note', 'Secret', undefined],
    ],
  );
});

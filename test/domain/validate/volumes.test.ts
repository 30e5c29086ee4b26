import test from 'ava';
import { validate } from '../../../domain/validate/validate.ts';
import { anInstrumentation, warningsOf, withEndpoint } from './support.ts';

const claim = {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const storedByTheOperator = { metadata: {}, spec: { resources: {} } };

test('a volume has one size', (t) => {
  for (const section of ['java', 'nodejs', 'python', 'dotnet', 'go', 'apacheHttpd', 'nginx']) {
    const both = { volumeLimitSize: '1Gi', volumeClaimTemplate: claim };
    const { errors } = validate(anInstrumentation(withEndpoint({ [section]: both })));
    t.deepEqual(
      errors.map(({ path }) => path),
      [`spec.${section}.volumeLimitSize`],
    );
  }
});

test('a template in which nothing is said is none', (t) => {
  const java = { volumeLimitSize: '1Gi', volumeClaimTemplate: storedByTheOperator };
  t.deepEqual(validate(anInstrumentation({ java })).errors, []);
});

test('a deprecated size may stay, and one line says so for all', (t) => {
  const sized = { volumeLimitSize: '300Mi' };
  t.deepEqual(warningsOf(withEndpoint({ java: sized })), [
    'spec.java.volumeLimitSize: works and may stay; the OpenTelemetry Operator calls it deprecated',
  ]);
  t.regex(
    warningsOf(withEndpoint({ java: sized, python: sized, dotnet: sized })).join('\n'),
    /^spec\.java\.volumeLimitSize and 2 more: works and may stay/,
  );
});

test('what has no effect is told', (t) => {
  t.deepEqual(
    warningsOf(withEndpoint({ go: { volumeClaimTemplate: claim, volumeLimitSize: 1 } })),
    ['volumeClaimTemplate', 'volumeLimitSize'].map(
      (field) => `spec.go.${field}: has no effect; the agent for Go has no volume`,
    ),
  );
});

test('of what holds nothing is said', (t) => {
  const exporter = { endpoint: 'http://a.b:4317' };
  t.deepEqual(warningsOf({ exporter, nginx: { volumeClaimTemplate: claim } }), []);
});

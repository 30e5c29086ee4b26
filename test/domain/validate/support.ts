import { validate } from '../../../domain/validate/validate.ts';

export const anInstrumentation = (spec: object, annotations: object = {}) => ({
  apiVersion: 'opentelemetry.io/v1alpha1',
  kind: 'Instrumentation',
  metadata: { name: 'agents', namespace: 'shop', annotations },
  spec,
});

export const warningsOf = (spec: object, annotations: object = {}) =>
  validate(anInstrumentation(spec, annotations)).warnings;

/** With an endpoint that suits every agent that is usual. */
export const withEndpoint = (spec: object) => ({
  exporter: { endpoint: 'http://collector.observability:4318' },
  ...spec,
});

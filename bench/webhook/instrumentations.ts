/** The first lies in the namespace of the bench's pods, every other in one of its own. */
export function instrumentationOf(index: number) {
  return {
    apiVersion: 'opentelemetry.io/v1alpha1',
    kind: 'Instrumentation',
    metadata: { name: 'agents', namespace: index === 0 ? 'shop' : `team-${index}` },
    spec: {
      exporter: { endpoint: 'http://collector.observability:4318' },
      propagators: ['tracecontext', 'baggage'],
      sampler: { type: 'parentbased_traceidratio', argument: '0.25' },
      resource: { addK8sUIDAttributes: true, resourceAttributes: { team: 'checkout' } },
      env: [{ name: 'OTEL_LOG_LEVEL', value: 'warn' }],
    },
  };
}

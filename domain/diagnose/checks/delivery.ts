/** What keeps telemetry from arriving where it is sent. */
export const deliveryChecks = {
  EndpointMalformed: {
    level: 'error',
    sentence: 'The endpoint is not an address to which an agent can send.',
    remedy: 'Write it like http://demo-collector.observability.svc:4318.',
  },
  EndpointInOtherNamespace: {
    level: 'error',
    sentence: 'The endpoint names a Service that lies in another namespace than the pods.',
    remedy: 'Add the namespace to its host: <service>.<namespace>.svc.',
  },
  EndpointServiceMissing: {
    level: 'error',
    sentence: 'The Service that the endpoint names does not exist.',
    remedy: 'Create it, or correct the host; see `kubectl get services -n <namespace>`.',
  },
  EndpointPortMissing: {
    level: 'error',
    sentence: 'The Service that the endpoint names does not have its port.',
    remedy: 'Give the Service the port, or correct the endpoint: 4318 is HTTP, 4317 is gRPC.',
  },
  EndpointWithoutPods: {
    level: 'error',
    sentence: 'No pod is ready behind the Service that the endpoint names.',
    remedy:
      'See `kubectl get endpointslices -n <namespace> -l kubernetes.io/service-name=<service>`, and the pods of the Collector.',
  },
  CollectorListensLocally: {
    level: 'error',
    sentence: 'The Collector listens on localhost alone, where no other pod reaches it.',
    remedy: 'Set the endpoint of its receiver to 0.0.0.0:<port>.',
  },
  CollectorLacksProtocol: {
    level: 'error',
    sentence: 'The Collector is not told to listen for the protocol that the agents speak.',
    remedy: 'Add receivers.otlp.protocols.<protocol> to its configuration.',
  },
  CollectorReceiverUnused: {
    level: 'error',
    sentence:
      'No pipeline of the Collector takes what comes by OTLP, so it does not listen for it.',
    remedy: 'Add otlp to service.pipelines.traces.receivers in its configuration.',
  },
  EgressForbidden: {
    level: 'warning',
    sentence: 'NetworkPolicies do not let the pods send to the Collector.',
    remedy:
      'Let them reach port <port> of pods in <namespace>: `kubectl describe networkpolicy <policy> -n <place>` tells what is let out.',
  },
  IngressForbidden: {
    level: 'warning',
    sentence: 'NetworkPolicies of the Collector do not let the pods in.',
    remedy:
      'Let pods of <namespace> reach port <port>: `kubectl describe networkpolicy <policy> -n <place>` tells who is let in.',
  },
  TlsSourceMissing: {
    level: 'error',
    sentence:
      'The Secret or ConfigMap with the certificates does not exist in the namespace of the pods, so the agent has none.',
    remedy: 'Create it there: a pod reads no Secret of another namespace.',
  },
  TlsKeyMissing: {
    level: 'error',
    sentence: 'The Secret or ConfigMap with the certificates lacks a key that is named.',
    remedy: 'Add the key, or correct ca_file, cert_file or key_file in the Instrumentation.',
  },
  EndpointLocal: {
    level: 'warning',
    sentence: 'The endpoint is the pod itself, and the pod has no Collector in it.',
    remedy: 'Name the Service of a Collector in exporter.endpoint.',
  },
} as const;

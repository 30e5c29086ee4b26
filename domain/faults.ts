/**
 * What a caller does after a fault. `retry`: the same call may be sent again, later. `forget`: drop
 * it, for the world has moved; the next look decides anew. `stop`: leave it until somebody changes something.
 */
export type Response = 'retry' | 'forget' | 'stop';

export interface Entry {
  readonly response: Response;
  /** What happened: one sentence, without names, times or counts, so that conditions never flap. */
  readonly sentence: string;
  /** What a person can do about it; absent when time or we ourselves mend it. */
  readonly remedy?: string;
}

/**
 * Every way a call to the API server can fail. A key is public: it is a metric label, an Event's
 * reason, a field in the log. Add freely, rename never.
 */
export const faults = {
  Unreachable: {
    response: 'retry',
    sentence: 'No connection to the API server could be made.',
    remedy:
      'Check that the address in the kubeconfig is right and that no NetworkPolicy or firewall closes it.',
  },
  ConnectionBroken: {
    response: 'retry',
    sentence: 'The connection to the API server broke before the answer was complete.',
  },
  TimedOut: {
    response: 'retry',
    sentence: 'The API server did not answer in time.',
    remedy: 'Look at the load and the latency of the API server if this lasts.',
  },
  UntrustedCertificate: {
    response: 'stop',
    sentence: 'The API server showed a certificate that our authority does not vouch for.',
    remedy:
      'Give the authority that signed it (certificate-authority in the kubeconfig), and check the name and the dates in the certificate.',
  },
  CredentialsUnavailable: {
    response: 'retry',
    sentence: 'The credentials for the API server could not be read.',
    remedy:
      'Check the files that the kubeconfig names, the context, or the credential plugin by running it by hand.',
  },
  Unauthorized: {
    response: 'retry',
    sentence: 'The API server does not accept our credentials, fresh ones included.',
    remedy:
      'Renew the token or client certificate; in a cluster, check that the ServiceAccount exists.',
  },
  Forbidden: {
    response: 'stop',
    sentence: 'Our account has no right to make this call.',
    remedy:
      'Apply the ClusterRole that comes with this version; `kubectl auth can-i` shows what is missing.',
  },
  DeniedByAdmission: {
    response: 'stop',
    sentence: 'An admission webhook or policy of the cluster refused the request.',
    remedy: 'Ask the owner of the webhook or policy to allow it, or opt the workload out.',
  },
  NamespaceEnding: {
    response: 'forget',
    sentence: 'The namespace is being deleted and takes nothing new.',
  },
  NotFound: {
    response: 'forget',
    sentence: 'The object does not exist, or does not exist any more.',
  },
  KindAbsent: {
    response: 'retry',
    sentence: 'The API server does not know this kind of object.',
    remedy: 'Install the CustomResourceDefinition; it is picked up as soon as it is there.',
  },
  Conflict: {
    response: 'forget',
    sentence: 'The object changed after it was read, so the write was refused.',
  },
  AlreadyExists: {
    response: 'forget',
    sentence: 'An object of that name exists already.',
  },
  Expired: {
    response: 'forget',
    sentence: 'The version asked for is no longer kept, so everything is read anew.',
  },
  ServerBehind: {
    response: 'retry',
    sentence: 'The API server answered with a state older than one it has shown before.',
    remedy:
      'Normal for moments after a fail-over. If it lasts, etcd was restored or a member lags: check its health.',
  },
  Invalid: {
    response: 'stop',
    sentence: 'The API server found the object invalid.',
    remedy:
      'Try the change with `kubectl --dry-run=server`: its answer names the field, which we do not repeat since it can hold secrets.',
  },
  BadRequest: {
    response: 'stop',
    sentence: 'The API server does not understand the request.',
    remedy: 'Compare the version of the cluster with the versions that are supported.',
  },
  TooManyRequests: {
    response: 'retry',
    sentence: 'The API server is overloaded and asks to come back later.',
  },
  StorageStarting: {
    response: 'retry',
    sentence: 'The API server is still making a new kind ready.',
  },
  DisruptionBudget: {
    response: 'retry',
    sentence: 'A PodDisruptionBudget does not allow another pod to go now.',
    remedy: 'Wait, or widen the budget: `kubectl get poddisruptionbudgets` shows what it allows.',
  },
  AdmissionUnavailable: {
    response: 'retry',
    sentence: 'An admission webhook of the cluster did not answer the API server.',
    remedy: 'Check the webhook that `kubectl get events` or the log of the API server names.',
  },
  ServerFailed: {
    response: 'retry',
    sentence: 'The API server reported a failure of its own.',
    remedy: 'Look at the log of the API server and at the health of etcd if this lasts.',
  },
  Garbled: {
    response: 'retry',
    sentence: 'What came back is not what an API server says.',
    remedy: 'Check whether the address leads to a proxy or a login page.',
  },
  QueueFull: {
    response: 'retry',
    sentence: 'Too many calls of our own wait for their turn.',
  },
  LeaseLost: {
    response: 'forget',
    sentence: 'The write was held back because the lease is no longer surely ours.',
  },
  Cancelled: {
    response: 'forget',
    sentence: 'The call was given up because we are stopping.',
  },
  Unexpected: {
    response: 'stop',
    sentence: 'Something failed in a way that is a mistake of ours.',
    remedy: 'Please report it with the log line and its stack.',
  },
} as const satisfies Record<string, Entry>;

export type FaultKey = keyof typeof faults;

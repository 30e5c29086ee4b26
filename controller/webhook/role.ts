import type { Settings } from '../../config/settings.ts';
import type { Fact } from '../../domain/facts.ts';
import { explain, validate } from '../../domain/validate/validate.ts';
import type { Client } from '../kube/client.ts';
import type { Time } from '../kube/pace.ts';
import type { Surroundings } from '../surroundings/surroundings.ts';
import { isQuiet } from './admission.ts';
import { selfManaged, type Certificates } from './certificates/certificates.ts';
import { fromFiles } from './certificates/files.ts';
import { inMemory, noConfigurations } from './certificates/memory.ts';
import { configurationStoreOf, secretStoreOf, type Target } from './certificates/stores.ts';
import { usualLimits } from './gate.ts';
import { createRepeats } from './repeats/repeats.ts';
import type { Review } from './review.ts';
import { createWebhookServer, type WebhookServer } from './server.ts';
import { answerInstrumentation, type Validation } from './validation.ts';

export interface WebhookOptions {
  readonly settings: Settings;
  readonly surroundings: Surroundings;
  /** Absent where manifests stand in for a cluster. */
  readonly client: Client | undefined;
  readonly record: (fact: Fact) => void;
  readonly time: Time;
}

export interface Webhook {
  readonly server: WebhookServer;
  readonly certificates: Certificates;
  /** Opens the port once all is known that right answers need. */
  readonly open: () => Promise<number>;
}

/** The webhook role: a server, what it knows, and the certificate that it shows. */
export function createWebhook(options: WebhookOptions): Webhook {
  const { settings, surroundings, record, time } = options;
  const repeats = createRepeats(surroundings);
  const shown = Promise.withResolvers<void>();
  const server = createWebhookServer({
    host: settings.bindAddress ?? '::',
    port: settings.webhookPort,
    answers: {
      pods: repeats.answer,
      instrumentations: (review) => answerInstrumentation(review, judge),
    },
    isQuiet: (namespace) => isQuiet(surroundings.worldOf(namespace)),
    isFamiliar: repeats.isFamiliar,
    limits: { ...usualLimits, requests: settings.requestsAtOnce, body: settings.bodyLimitBytes },
    missing: surroundings.missing,
    record,
    time,
  });
  const certificates = createCertificates(options, (pair) => {
    server.show(pair);
    shown.resolve();
  });
  return {
    server,
    certificates,
    open: async () => {
      await Promise.all([shown.promise, surroundings.complete]);
      const { port } = await server.listen();
      return port;
    },
  };
}

function judge({ object }: Review): Validation {
  const { errors, warnings } = validate(object);
  return errors.length === 0
    ? { allowed: true, warnings }
    : { allowed: false, message: explain(errors), warnings };
}

function createCertificates(
  { settings, client, record, time }: WebhookOptions,
  show: WebhookServer['show'],
): Certificates {
  const { certificateDir, namespace, secretName, serviceName } = settings;
  if (settings.certificates === 'files' && certificateDir !== undefined) {
    return fromFiles({ directory: certificateDir, time, record, show });
  }
  const stores =
    client === undefined
      ? { secret: inMemory(), configurations: noConfigurations, targets: [] }
      : {
          secret: secretStoreOf(client, { namespace, name: secretName }),
          configurations: configurationStoreOf(client),
          targets: targetsOf(settings),
        };
  const service = `${serviceName}.${namespace}.svc`;
  const names = [service, `${service}.cluster.local`, 'localhost'];
  return selfManaged({ ...stores, names, time, record, show });
}

const targetsOf = ({ webhookConfigurationName: configuration }: Settings): readonly Target[] => [
  {
    kind: 'mutatingwebhookconfigurations',
    configuration,
    webhooks: ['pods.otel-retrofit.dev'],
  },
  {
    kind: 'validatingwebhookconfigurations',
    configuration,
    webhooks: ['instrumentations.otel-retrofit.dev'],
  },
];

import { createClient } from '../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../controller/kube/credentials.ts';
import { createTransport } from '../../../controller/kube/transport.ts';
import { act } from '../../../controller/loop/acting/act.ts';
import { createPublisher } from '../../../controller/webhook/certificates/publisher.ts';
import { configurationStoreOf } from '../../../controller/webhook/certificates/stores.ts';
import type { Restart } from '../../../domain/restart/plan.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { until } from '../../cluster/until.ts';
import { read, type Spot } from '../../journeys/support/workloads.ts';

/** What the product writes, by the product's own code, where and when a test wants it written. */
export interface Hand {
  /** Restarts a workload. */
  readonly restart: (spot: Spot, marker: string) => Promise<void>;
  /** Writes an authority into the MutatingWebhookConfiguration of this name. */
  readonly publish: (name: string, bundle: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const webhookName = 'pods.otel-retrofit.dev';

export async function openHand(cluster: Cluster): Promise<Hand> {
  const { kubeconfig } = await cluster.signIn({ user: 'the-hand', groups: ['system:masters'] });
  const transport = createTransport(readKubeConfig({ file: kubeconfig }), { version: '0.0.0' });
  const client = createClient(transport);
  return {
    async restart(spot, marker) {
      const isSent = async () => {
        const { metadata } = await read(cluster, spot);
        const { uid, resourceVersion: version } = metadata;
        const workload = { ...spot, uid, version };
        const restart = { judgement: { workload }, marker } as unknown as Restart;
        const same = () => restart.judgement.workload;
        const acted = await act(restart, { client, fence: () => true, workload: same });
        return acted.kind === 'sent';
      };
      await until(isSent, { what: `${spot.name} is restarted` });
    },
    async publish(name, bundle) {
      const target = { kind: 'mutatingwebhookconfigurations', configuration: name } as const;
      const publisher = createPublisher({
        store: configurationStoreOf(client),
        targets: [{ ...target, webhooks: [webhookName] }],
        record: () => {},
      });
      await publisher.publish(await publisher.read(), bundle, 0);
    },
    close: () => transport.close(),
  };
}

/** A webhook configuration of ours with one more line, or none, where the authority stands. */
export const webhookManifest = (
  name: string,
  caBundle: string,
): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: ${name}
webhooks:
  - name: ${webhookName}
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig:
${caBundle === 'absent' ? '' : `      caBundle: ${caBundle}\n`}      service:
        name: nobody
        namespace: nowhere
    rules:
      - apiGroups: ['']
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
    objectSelector:
      matchLabels:
        never: asked
`;

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** What the API server trusts of a configuration, decoded. */
export async function bundleIn({ adminClient }: Cluster, name: string): Promise<string> {
  const { body } = await adminClient.call<Configuration>('GET', `${configurations}/${name}`);
  return Buffer.from(body.webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString();
}

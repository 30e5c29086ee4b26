import type { JsonObject } from '../../../../domain/json.ts';
import { Fault } from '../../../../controller/kube/fault.ts';
import type { Entries } from '../../../../controller/webhook/certificates/content.ts';
import type {
  ConfigurationStore,
  SecretStore,
  StoredSecret,
  Target,
  TestedOperation,
  Written,
} from '../../../../controller/webhook/certificates/stores.ts';

export const pods: Target = {
  kind: 'mutatingwebhookconfigurations',
  configuration: 'otel-retrofit',
  webhooks: ['pods.otel-retrofit.dev'],
};
export const instrumentations: Target = {
  kind: 'validatingwebhookconfigurations',
  configuration: 'otel-retrofit',
  webhooks: ['instrumentations.otel-retrofit.dev'],
};

interface Webhook {
  readonly name: string;
  bundle: string;
  manager: string;
}

interface Configuration {
  version: number;
  webhooks: Webhook[];
}

/** One Secret and some webhook configurations, with versions as an API server keeps them. */
export class TestCluster {
  #version = 100;
  stored: (StoredSecret & { readonly manager?: string }) | undefined;
  readonly configurations = new Map<string, Configuration>();
  /** Thrown by each call whose name it matches. */
  failing: RegExp | undefined;
  /** Runs before a call is carried out: for what happens in between. */
  between: ((call: string) => Promise<void> | void) | undefined;
  readonly calls: string[] = [];

  constructor(...targets: readonly Target[]) {
    for (const target of targets.length > 0 ? targets : [pods, instrumentations])
      this.install(target);
  }

  install({ kind, webhooks }: Target, ...before: readonly string[]): void {
    this.configurations.set(kind, {
      version: (this.#version += 1),
      webhooks: [...before, ...webhooks].map((name) => ({ name, bundle: '', manager: 'kubectl' })),
    });
  }

  /** What another program writes into the first webhook of a configuration. */
  overwrite({ kind }: Target, bundle: string, manager: string): void {
    const configuration = this.#configuration(kind);
    const [webhook] = configuration.webhooks;
    if (webhook === undefined) throw new Error(`no webhook in ${kind}`);
    webhook.bundle = bundle;
    webhook.manager = manager;
    configuration.version = this.#version += 1;
  }

  bundle({ kind, webhooks: [name] }: Target): string {
    return this.#configuration(kind).webhooks.find((one) => one.name === name)?.bundle ?? '';
  }

  get entries(): Partial<Entries> {
    return this.stored?.entries ?? {};
  }

  damage(entries: Partial<Entries>): void {
    const {
      'ca.crt': authority,
      'ca.key': key,
      'tls.crt': certificate,
      'tls.key': secret,
    } = {
      ...this.entries,
      ...entries,
    };
    const all = { 'ca.crt': authority, 'ca.key': key, 'tls.crt': certificate, 'tls.key': secret };
    const kept = Object.entries(all).filter(([, text]) => text !== undefined);
    this.stored = this.#next(Object.fromEntries(kept));
  }

  readonly secret: SecretStore = {
    read: async () => {
      await this.#called('read secret');
      return this.stored;
    },
    create: async (entries) => {
      await this.#called('create secret');
      if (this.stored !== undefined) return 'changed';
      this.stored = this.#next(entries);
      return 'written';
    },
    replace: async ({ uid, version }, entries) => {
      await this.#called('replace secret');
      if (this.stored?.uid !== uid || this.stored.version !== version) return 'changed';
      this.stored = this.#next({ ...this.stored.entries, ...entries });
      return 'written';
    },
  };

  readonly store: ConfigurationStore = {
    read: async ({ kind }) => {
      await this.#called('read configuration');
      const found = this.configurations.get(kind);
      return found && asObject(found);
    },
    patch: async ({ kind }, operations) => {
      await this.#called('patch configuration');
      return this.#patch(kind, operations);
    },
  };

  #patch(kind: string, operations: readonly TestedOperation[]): Written {
    const configuration = this.#configuration(kind);
    const changes: (() => void)[] = [];
    for (const operation of operations) {
      const [, root, index, ...rest] = operation.path.split('/');
      const value = operation.op === 'remove' ? undefined : operation.value;
      const webhook = configuration.webhooks[Number(index)];
      if (root === 'metadata') {
        if (value !== String(configuration.version)) return 'changed';
      } else if (operation.op === 'test') {
        if (webhook?.name !== value) return 'changed';
      } else if (webhook === undefined || rest.join('/') !== 'clientConfig/caBundle') {
        throw new Fault('Invalid');
      } else {
        changes.push(() => {
          webhook.bundle = Buffer.from(typeof value === 'string' ? value : '', 'base64').toString();
          webhook.manager = 'otel-retrofit';
        });
      }
    }
    for (const change of changes) change();
    configuration.version = this.#version += 1;
    return 'written';
  }

  #configuration(kind: string): Configuration {
    const found = this.configurations.get(kind);
    if (found === undefined) throw new Fault('NotFound');
    return found;
  }

  async #called(call: string): Promise<void> {
    this.calls.push(call);
    await this.between?.(call);
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failing?.test(call)) throw new Fault('Forbidden');
  }

  #next(entries: Partial<Entries>): StoredSecret {
    return {
      uid: this.stored?.uid ?? `uid-${(this.#version += 1)}`,
      version: String((this.#version += 1)),
      entries,
    };
  }
}

function asObject({ version, webhooks }: Configuration): JsonObject {
  const managers = [...new Set(webhooks.map(({ manager }) => manager))];
  return {
    metadata: {
      resourceVersion: String(version),
      managedFields: managers.map((manager) => ({
        manager,
        fieldsV1: {
          'f:webhooks': Object.fromEntries(
            webhooks
              .filter((one) => one.manager === manager && one.bundle !== '')
              .map(({ name }) => [
                `k:${JSON.stringify({ name })}`,
                { 'f:clientConfig': { 'f:caBundle': {} } },
              ]),
          ),
        },
      })),
    },
    webhooks: webhooks.map(({ name, bundle }) => ({
      name,
      clientConfig: bundle === '' ? {} : { caBundle: Buffer.from(bundle).toString('base64') },
    })),
  };
}

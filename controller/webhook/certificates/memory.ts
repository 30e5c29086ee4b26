import type { ConfigurationStore, SecretStore, StoredSecret } from './stores.ts';

/** In place of a cluster's Secret, where there is no cluster: the authority lives as long as the process. */
export function inMemory(): SecretStore {
  let stored: StoredSecret | undefined;
  return {
    read: async () => stored,
    create: async (entries) => {
      stored = { uid: 'memory', version: '1', entries };
      return 'written';
    },
    replace: async ({ uid, version }, entries) => {
      stored = { uid, version: String(Number(version) + 1), entries };
      return 'written';
    },
  };
}

/** No API server, so nobody to tell the authority to. */
export const noConfigurations: ConfigurationStore = {
  read: async () => undefined,
  patch: async () => 'changed',
};

import { randomBytes } from 'node:crypto';
import type { Fields } from '../api.ts';
import type { Call, Target, User } from '../objects/calls.ts';
import { at, timeOf } from '../objects/json.ts';
import { found } from './reads.ts';
import type { Desk } from './writes.ts';

interface Holder {
  readonly user: User;
  readonly isValid: (now: Date) => boolean;
}

/** The tokens this server gave out, and whom they speak for. */
export class Tokens {
  readonly #holders = new Map<string, Holder>();

  /** A new token for somebody. */
  add(user: User, isValid: Holder['isValid'] = () => true): string {
    const token = randomBytes(16).toString('hex');
    this.#holders.set(token, { user, isValid });
    return token;
  }

  whose(token: string, now: Date): User | undefined {
    const holder = this.#holders.get(token);
    return holder?.isValid(now) === true ? holder.user : undefined;
  }

  /** TokenRequest: a token for a ServiceAccount, worth nothing once that is gone. */
  issue(desk: Desk, target: Target, { body }: Call): Fields {
    const { namespace, name } = target;
    const { uid } = found(desk, target).metadata;
    const expirationSeconds = Number(at(body, 'spec.expirationSeconds') ?? 3_600);
    const end = new Date(desk.now().getTime() + expirationSeconds * 1_000);
    const accounts = desk.store.of(target.kind.storage);
    const isValid = (now: Date) => now < end && accounts.get(namespace, name)?.metadata.uid === uid;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
    const user = {
      name: `system:serviceaccount:${namespace}:${name}`,
      groups: [...groups, 'system:authenticated'],
    };
    return {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace },
      spec: { expirationSeconds },
      status: { token: this.add(user, isValid), expirationTimestamp: timeOf(end) },
    };
  }
}

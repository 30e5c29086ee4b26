import type {
  CertificateFact,
  CertificateProblem,
  CertificateSource,
} from '../../../domain/facts.ts';
import { faultOf } from '../../kube/fault.ts';
import type { Pair } from './pair.ts';

/** Tells what goes wrong when it begins, not each time that it is seen. */
export interface Witness {
  failed(error: unknown): void;
  worked(): void;
  /** All that is unsound now. */
  unsound(problems: readonly CertificateProblem[]): void;
  /** What is shown now. */
  shown(pair: Pair | undefined, now: number): void;
}

export function createWitness(
  source: CertificateSource,
  record: (fact: CertificateFact) => void,
): Witness {
  let fault: string | undefined;
  let known: readonly CertificateProblem[] = [];
  let expired: Pair | undefined;
  return {
    failed: (cause) => {
      const { key } = faultOf(cause);
      if (key !== fault) record({ type: 'CertificateCallFailed', fault: key, cause });
      fault = key;
    },
    worked: () => {
      fault = undefined;
    },
    unsound: (problems) => {
      const begun = problems.filter((problem) => !known.includes(problem));
      for (const problem of begun) record({ type: 'CertificateUnsound', source, problem });
      known = problems;
    },
    shown: (pair, now) => {
      if (pair === undefined || pair.expiresAt > now || pair === expired) return;
      expired = pair;
      record({ type: 'CertificateExpired', expiredAt: pair.expiresAt });
    },
  };
}

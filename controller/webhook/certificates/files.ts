import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateFact, CertificateProblem } from '../../../domain/facts.ts';
import type { Time } from '../../kube/pace.ts';
import type { Certificates } from './certificates.ts';
import { isSamePair, periodOf, readCertificates, readPair, type Pair } from './pair.ts';
import { createRounds } from './rounds.ts';
import { createWitness } from './witness.ts';

export interface FileOptions {
  /** With `tls.crt`, `tls.key` and perhaps `ca.crt`, as cert-manager and the kubelet lay them out. */
  readonly directory: string;
  readonly time: Time;
  readonly record: (fact: CertificateFact) => void;
  readonly show: (pair: Pair) => void;
}

/** Notifications get lost when a kubelet swaps the directory, so the files are read. */
const pace = { lookMs: 10_000, retryMs: 1_000 };

/** A pair that others renew. What is unsound is not shown: the last sound one stays. */
export function fromFiles({ directory, time, record, show }: FileOptions): Certificates {
  const witness = createWitness('files', record);
  let shown: Pair | undefined;
  let authority: number | undefined;
  let suspected: CertificateProblem | undefined;

  async function look(): Promise<'settled' | 'unsettled'> {
    const [certificate, key, trusted] = await Promise.all(
      ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readIfThere(join(directory, name))),
    );
    const [first] = readCertificates(trusted ?? '');
    authority = first && periodOf(first).expiresAt;
    const problem = judge(certificate, key);
    // Two files are not replaced in one instant: what is unsound may be half of a renewal.
    witness.unsound(problem !== undefined && problem === suspected ? [problem] : []);
    suspected = problem;
    witness.shown(shown, time.wall());
    return problem === undefined ? 'settled' : 'unsettled';
  }

  function judge(certificate?: string, key?: string): CertificateProblem | undefined {
    const read = readPair(certificate, key);
    if (read.kind === 'unsound') return read.problem;
    const { pair } = read;
    if (pair.expiresAt <= time.wall()) return 'ServingExpired';
    if (isSamePair(pair, shown)) return undefined;
    shown = pair;
    show(pair);
    record({ type: 'CertificateLoaded', source: 'files', expiresAt: pair.expiresAt });
    return undefined;
  }

  return {
    ...createRounds(look, pace, time),
    look,
    expiries: () => ({ serving: shown?.expiresAt, authority }),
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Whether it is absent or not ours to read, there is no certificate.
    return undefined;
  }
}

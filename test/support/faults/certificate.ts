import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificates {
  /** PEM of the authority that signed the rest. */
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  readonly client: { readonly cert: string; readonly key: string };
}

/** An authority that lives as long as the test, with a server for the loopback and a client. */
export async function makeCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'retrofit-faults-'));
  const openssl = (...args: readonly string[]) => run('openssl', args, { cwd: dir });
  const read = (name: string) => readFile(join(dir, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  try {
    await openssl(
      'req',
      '-x509',
      ...newKey,
      '-subj',
      '/CN=test authority',
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
    );
    await openssl(
      'req',
      '-x509',
      ...newKey,
      ...signed,
      '-subj',
      '/CN=localhost',
      '-addext',
      names,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-keyout',
      'server.key',
      '-out',
      'server.crt',
    );
    await openssl(
      'req',
      '-x509',
      ...newKey,
      ...signed,
      '-subj',
      '/CN=tester/O=testers',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-keyout',
      'client.key',
      '-out',
      'client.crt',
    );
    return {
      ca: await read('ca.crt'),
      server: { cert: await read('server.crt'), key: await read('server.key') },
      client: { cert: await read('client.crt'), key: await read('client.key') },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

/** The processes of this machine with a word in their variables or their command line. */
export function processesWith(word: string): readonly string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.filter((number) =>
    ['environ', 'cmdline'].some((file) => textOf(`/proc/${number}/${file}`).includes(word)),
  );
}

/** A process may end while it is looked at. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function isOpen(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

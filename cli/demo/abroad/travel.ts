import { createClient } from '../../../controller/kube/client.ts';
import { readKubeConfig } from '../../../controller/kube/credentials.ts';
import { Fault } from '../../../controller/kube/fault.ts';
import { createTransport } from '../../../controller/kube/transport.ts';
import { faults, type Entry } from '../../../domain/faults.ts';
import packageFile from '../../../package.json' with { type: 'json' };
import type { Paper } from '../screen.ts';
import { visit, type Destination } from './visit.ts';

/** Finds the way to the cluster that was named; the answer is the exit code. */
export async function travel(
  paper: Paper,
  destination: Destination,
  signal: AbortSignal,
): Promise<number> {
  try {
    const { kubeconfig: file, context } = destination;
    const transport = createTransport(readKubeConfig({ file, context }), {
      version: packageFile.version,
    });
    try {
      const client = createClient(transport);
      const visited = await visit(paper, destination, { client, signal });
      return visited === 'shown' ? 0 : 1;
    } finally {
      await transport.close();
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { remedy }: Entry = faults[error.key];
    paper.write(`${error.message}${remedy === undefined ? '' : ` ${remedy}`}\n`);
    return 1;
  }
}

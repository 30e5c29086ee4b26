import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pod } from '../../../sandbox/kubelet/pod/shapes.ts';
import { until } from '../../cluster/until.ts';
import { isReady, type Stage } from './stage.ts';

export interface Traffic {
  readonly versions: ReadonlySet<string>;
  readonly answered: number;
  readonly lost: readonly string[];
  readonly fewestReady: number;
}

interface Target {
  readonly namespace: string;
  readonly count: number;
}

/** A client that goes by readiness: it asks the pods in turn that are ready by its watch, until it is stopped. */
export async function sendTraffic(
  stage: Stage,
  { namespace, count }: Target,
): Promise<() => Promise<Traffic>> {
  const end = new AbortController();
  const ready = new Map<string, string>();
  const versions = new Set<string>();
  const lost: string[] = [];
  let answered = 0;
  let fewestReady = Infinity;
  const watching = (async () => {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    for await (const { type, object } of stage.api.watch<Pod>(path, end.signal)) {
      const { uid, name } = object.metadata;
      const address = stage.addressOf({ namespace, name });
      if (type !== 'DELETED' && isReady(object) && address !== undefined) ready.set(uid, address);
      else ready.delete(uid);
    }
  })().catch(() => {});
  await until(() => ready.size === count, { what: `${count} pods are ready` });
  const asking = (async () => {
    for (let turn = 0; !end.signal.aborted; turn += 1) {
      fewestReady = Math.min(fewestReady, ready.size);
      const addresses = [...ready.values()];
      const address = addresses[turn % addresses.length];
      if (address === undefined) lost.push('nobody is ready');
      else {
        try {
          versions.add((await ask(address)).version);
          answered += 1;
        } catch (error) {
          lost.push(`${address}: ${String(error)}`);
        }
      }
      await pause(5);
    }
  })();
  return async () => {
    end.abort();
    await Promise.all([watching, asking]);
    return { versions, answered, lost, fewestReady };
  };
}

/** What the server of the stage says of itself. */
export interface Said {
  readonly version: string;
  readonly pod: string;
  readonly text: string;
  readonly agent: string | null;
}

export async function ask(address: string): Promise<Said> {
  return JSON.parse(await textFrom(address)) as Said;
}

function textFrom(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(`http://${address}/`, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end();
  });
}

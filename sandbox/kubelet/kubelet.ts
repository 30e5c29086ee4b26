import type { Api } from '../api.ts';
import { runProcesses, type PodName, type Workshop } from './crew.ts';
import { follow } from './follow.ts';
import { serveLogs } from './logs.ts';
import { registerNode } from './node.ts';
import type { Facts, Pod } from './pod/shapes.ts';
import { schedule } from './schedule.ts';
import { actOut, type Script } from './scripted.ts';

export interface KubeletOptions extends Partial<Workshop> {
  readonly api: Api;
  /**
   * `process` runs pods as processes of this machine. `status-only` says of every pod that it is
   * ready, bound or not. `scripted` says what the script says. Default: process.
   */
  readonly mode?: 'process' | 'status-only' | 'scripted';
  readonly script?: Script;
  /** Default: node-1. */
  readonly node?: string;
}

export interface Kubelet {
  readonly node: string;
  /** Where a container's port is on this machine, such as `127.0.0.1:20123`. */
  addressOf(pod: PodName, port: number): string | undefined;
  /** Asks the script again, about every pod. */
  askAgain(): Promise<void>;
  /** Ends all that it runs. Pods and Node stay as they were last seen, as when a machine is lost. */
  stop(): Promise<void>;
}

const hostIp = '127.0.0.1';
const pods = '/api/v1/pods';

/** A node whose pods are processes, or nothing but their status: a client like any other of any API server. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { api, node = 'node-1', mode = 'process', script = () => 'ready' } = options;
  const end = new AbortController();
  const { signal } = end;
  const place = { api, node, nextFacts: factsFor(node), signal };
  const processes = mode === 'process' ? await runProcesses(place, options) : undefined;
  const crew = processes ?? actOut(place, script);
  const logs = processes && (await openLogs(processes));
  const leave = await registerNode(api, { node, hostIp, logPort: logs?.port ?? 0 });
  const isAll = mode === 'status-only';
  const ours = isAll ? pods : `${pods}?fieldSelector=spec.nodeName%3D${node}`;
  await follow<Pod>(api, ours, { signal, ...crew });
  const isRefused = (pod: Pod) => mode === 'scripted' && script(pod) === 'unschedulable';
  const lookAgain = isAll ? undefined : await schedule(api, { node, signal, isRefused });
  return {
    node,
    addressOf(pod, port) {
      const run = processes?.find(pod);
      return run && `${hostIp}:${run.ports.get(port) ?? port}`;
    },
    async askAgain() {
      await Promise.all([crew.askAgain(), lookAgain?.()]);
    },
    async stop() {
      end.abort();
      leave();
      logs?.close();
      await crew.stop();
    },
  };
}

const openLogs = ({ find }: Awaited<ReturnType<typeof runProcesses>>) =>
  serveLogs(({ namespace, pod, container, isPrevious }) => {
    const found = find({ namespace, name: pod })?.containers.find(
      ({ spec }) => spec.name === container,
    );
    return isPrevious ? found?.previousLog : found?.log;
  });

/** Nobody listens at these addresses; but nodes with other names have others, as in a real cluster. */
function factsFor(node: string): () => Facts {
  const sum = Buffer.from(node).reduce((total, byte) => total + byte, 0);
  let count = 0;
  return () => {
    count = (count % 65_000) + 1;
    return { node, hostIp, podIp: `10.${200 + (sum % 50)}.${count >> 8}.${count & 255}` };
  };
}

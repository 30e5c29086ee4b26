import { consult } from '../../../cli/doctor/show.ts';
import { readCommand } from '../../../cli/program.ts';
import { context, serve, silent, type Manner } from '../look/serving.ts';
import { merged, nameOf, objectsOf, type Scene } from './cluster.ts';

export const storedOf = (scene: Scene) =>
  objectsOf(scene).map((json) =>
    merged({ metadata: { uid: nameOf(json), resourceVersion: '1' } }, json),
  );

/**
 * What the doctor says of a cluster, and which lists it read. One after the other: each asks a server
 * of its own some thirty times, and a person's patience ends.
 */
export async function said(scene: Scene, words: readonly string[], manner: Manner) {
  const { kubeconfig, asked, stop } = await serve(storedOf(scene), manner);
  try {
    const command = readCommand(['doctor', ...words, '--kubeconfig', kubeconfig], '0', silent);
    if (command.kind !== 'doctor') throw new Error(command.kind);
    const shown = await consult(command, context, (_look, text) => text);
    const of = (plural: string) =>
      asked.filter((one) => one.replace(/ \w+$/, '').endsWith(`/${plural}`));
    return { shown, pods: of('pods'), replicaSets: of('replicasets'), events: of('events') };
  } finally {
    await stop();
  }
}

/** A server that prints pods as people are shown them. */
export const prints = { prints: true };

/** Of its pods what is printed tells enough. */
export const well: Scene = {
  workloads: [
    {
      podStatus: {
        containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: {} } }],
      },
    },
  ],
};

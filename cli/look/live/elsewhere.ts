import type { Client } from '../../../controller/kube/client.ts';
import { faultOf } from '../../../controller/kube/fault.ts';
import type { KubeObject } from '../../../controller/kube/resource.ts';
import { resources } from '../../../controller/loop/kinds.ts';
import { deadlineMs } from './reach.ts';

/** What became of Instrumentations that lie elsewhere than whoever asks may list. */
export interface Elsewhere {
  readonly found: readonly KubeObject[];
  /** Those that may not be read, each as `namespace/name`: they may be there. */
  readonly hidden: readonly string[];
}

/** Reads each Instrumentation that somebody names, as `namespace/name`, by itself. */
export async function readElsewhere(
  client: Client,
  references: Iterable<string>,
): Promise<Elsewhere> {
  const answers = await Promise.all(
    [...new Set(references)].filter(isName).map((reference) => readOne(client, reference)),
  );
  return {
    found: answers.flatMap(({ object }) => object ?? []),
    hidden: answers.flatMap(({ reference, isHidden }) => (isHidden ? [reference] : [])),
  };
}

/** People may write anything, and what is no name is nowhere. */
const isName = (reference: string) => /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*$/.test(reference);

async function readOne(client: Client, reference: string) {
  const [namespace = '', name = ''] = reference.split('/');
  const place = { resource: resources.instrumentations, namespace, name };
  try {
    return { reference, object: await client.get(place, { deadlineMs }), isHidden: false };
  } catch (error) {
    const { key } = faultOf(error);
    if (key !== 'Forbidden' && key !== 'NotFound' && key !== 'KindAbsent') throw error;
    return { reference, object: undefined, isHidden: key === 'Forbidden' };
  }
}

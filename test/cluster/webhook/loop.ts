import type { TestFn } from 'ava';
import {
  allOfItIsCounted,
  followEverywhere,
  settings,
  useless,
} from '../../journeys/loop/everywhere.ts';
import {
  aRejectedRestartIsNotRepeated,
  oneIsTouchedAndTheRestIsNot,
  undoingClosesNothing,
} from '../../journeys/loop/in-vain.ts';
import { reasonsToTry } from '../../journeys/support/tries.ts';
import { crashingIn, guard, hideFromWebhook } from '../../journeys/support/world.ts';
import type { AuditLine, Cluster } from '../cluster.ts';
import { isOurs } from '../plane/ours.ts';
import type { OwnOptions } from '../plane/own.ts';
import * as installed from './installation.ts';
import { openPremises, type Premises } from './premises.ts';
import type { Product } from './program.ts';
import { granted, used } from './rights.ts';

export const account = 'otel-retrofit-controller';
const user = `system:serviceaccount:${installed.namespace}:${account}`;
const crashing = ['crash-1', 'crash-2', 'crash-3'];

export interface Wishes {
  readonly plane?: OwnOptions;
  /** What stands before each title. */
  readonly as?: string;
  /** An API server of today streams the first state; an older one is asked for a list. */
  readonly isStreaming: boolean;
}

/** What is there once the tests run. */
export interface Followed {
  readonly cluster: () => Cluster;
  readonly controller: () => Product;
  /** What the controller itself has done, and not who borrowed its name. */
  readonly deeds: () => Promise<readonly AuditLine[]>;
}

/** The journeys of the loop on a control plane of its own, with the accounts and rights that are installed. */
export function followOnAPlane(test: TestFn, { plane, as = '', isStreaming }: Wishes): Followed {
  let premises: Premises;
  let cluster: Cluster;
  let controller: Product;
  let reasonsBefore = 0;

  test.before(async () => {
    premises = await openPremises({ plane, fateOf: crashingIn('crash-'), settings });
    ({ cluster } = premises);
    await premises.serve();
    await hideFromWebhook(cluster, useless);
    await guard(cluster, 'rejected', user);
    controller = await premises.launch('controller');
  });

  test.after.always(() => premises?.close());

  const scene = { ground: () => cluster, metrics: () => controller.metrics(), as };
  followEverywhere(test, scene);

  test(`${as}an agent that crashes takes one workload down, and no other, also after its owner undoes it`, async (t) => {
    const harm = {
      namespaces: crashing,
      library: 'crash-library',
      reason: 'RestartFailed',
    } as const;
    const spots = await oneIsTouchedAndTheRestIsNot(t, cluster, harm);
    await undoingClosesNothing(t, cluster, harm, spots);
  });

  test(`${as}a restart that a policy refuses is not tried again`, async (t) => {
    const spot = { kind: 'Deployment', namespace: 'rejected', name: 'cart' } as const;
    reasonsBefore = await reasonsToTry(scene.metrics);
    t.true(reasonsBefore > 0, 'somebody leads');
    await aRejectedRestartIsNotRepeated(t, cluster, spot);
  });

  const deeds = async () =>
    (await cluster.auditLines()).filter(
      ({ user: { username }, userAgent = '' }) =>
        username === user && userAgent.startsWith('otel-retrofit/'),
    );

  test.after(`${as}the restart that was refused was tried once`, async (t) => {
    if (!isOurs) return;
    const tries = (await deeds()).filter(
      ({ verb, objectRef }) =>
        verb === 'patch' &&
        objectRef?.namespace === 'rejected' &&
        objectRef.resource === 'deployments',
    );
    const due = 1 + (await reasonsToTry(scene.metrics)) - reasonsBefore;
    t.true(tries.length > 0 && tries.length <= due, `${tries.length} tries, ${due} due`);
    t.deepEqual([...new Set(tries.map(({ responseStatus }) => responseStatus?.code))], [403]);
  });

  test.after(`${as}the controller may do what it does, and does all that it may`, async (t) => {
    if (!isOurs) return;
    const rights = granted(await installed.manifests(cluster), account);
    const lines = await deeds();
    const refused = lines.filter(
      ({ responseStatus, objectRef }) =>
        responseStatus?.code === 403 &&
        !/^(?:rejected|policed-\d)$/.test(objectRef?.namespace ?? ''),
    );
    t.deepEqual(refused, []);
    const done = used(lines, rights);
    t.deepEqual(
      [...done].filter((one) => !rights.has(one)),
      [],
    );
    t.deepEqual(
      [...rights].filter((one) => !done.has(one) && !(isStreaming && one.startsWith('list '))),
      [],
    );
  });

  test.after(`${as}no round has ended in a mistake of ours, and all is counted`, async (t) => {
    if (!isOurs) return;
    t.deepEqual(
      controller.lines().filter(({ level, msg }) => level === 'error' && msg !== 'breaker opened'),
      [],
    );
    await allOfItIsCounted(t, scene);
  });

  return { cluster: () => cluster, controller: () => controller, deeds };
}

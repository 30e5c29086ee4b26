import test from 'ava';
import { admit } from '../../../../domain/injection/admit.ts';
import { objectAt, type JsonObject } from '../../../../domain/json.ts';
import { chosenSeed, diceOf } from '../../../support/dice.ts';
import { fixtures } from '../../../support/fixtures.ts';
import { randomCase, worldOf } from '../../../support/random.ts';
import type { Cluster } from '../../cluster.ts';

interface Answered {
  readonly message?: string;
}

const count = 2_000;
const atOnce = 16;

/** An older minor is asked in the suites of the webhook, through which the same pods go. */
export function injectedPodsAreTaken(where: () => Cluster): void {
  /** What the API server says against the pod. */
  async function objection(pod: JsonObject, validation: string): Promise<string | undefined> {
    const metadata = { ...objectAt(pod, 'metadata'), namespace: 'pods' };
    const { code, body } = await where().adminClient.call<
      Answered & { kind: string; metadata: object }
    >('POST', `/api/v1/namespaces/pods/pods?dryRun=All&fieldValidation=${validation}`, {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod,
      metadata,
    });
    return code === 201 ? undefined : `${code} ${body.message}`;
  }

  test.serial.before(() => where().createNamespace('pods'));

  test.serial("every fixture's pod is accepted before and after injection", async (t) => {
    const problems: string[] = [];
    for (const { name, pod, world } of fixtures()) {
      const answer = admit(pod, world);
      if (answer.kind === 'untouched') continue;
      const before = await objection(pod, 'Strict');
      const after = await objection(answer.pod, 'Strict');
      if (before !== undefined) problems.push(`${name} as it is: ${before}`);
      if (after !== undefined) problems.push(`${name} injected: ${after}`);
    }
    t.deepEqual(problems, []);
  });

  test.serial(`of ${count} random pods none is refused because of us`, async (t) => {
    const dice = diceOf(chosenSeed() + 7);
    const problems: string[] = [];
    let accepted = 0;
    let injected = 0;
    const lanes = Array.from({ length: atOnce }, async () => {
      while (injected < count) {
        const one = randomCase(dice);
        const answer = admit(one.pod, worldOf(one));
        if (answer.kind !== 'injected') continue;
        injected++;
        const after = await objection(answer.pod, 'Ignore');
        if (after === undefined) accepted++;
        else if ((await objection(one.pod, 'Ignore')) === undefined) problems.push(after);
      }
    });
    await Promise.all(lanes);
    t.log(`${injected} injected, ${accepted} accepted, seed ${chosenSeed() + 7}`);
    t.deepEqual(problems.slice(0, 5), []);
    t.true(accepted > count / 2);
  });
}

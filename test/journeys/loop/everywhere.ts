import type { ExecutionContext, TestFn } from 'ava';
import type { Ground } from '../support/ground.ts';
import { oneIsTouchedAndTheRestIsNot, resumingMendsThemAll } from './in-vain.ts';
import { anOldWorkloadGetsItsAgent, oldWorkloads } from './old-workload.ts';
import { installingBesideTheOperatorRestartsNothing } from './operator.ts';
import { theOwnersDeployWins } from './owner-first.ts';
import { aRefusedRestartIsNotRepeated, policies } from './rejected.ts';
import { aChangeOfSettingsIsTold } from './settings-change.ts';
import {
  aDisruptionThatIsNotAllowedIsWaitedFor,
  itIsLeftAlone,
  itIsToldOnceAndCounted,
  namespaceOf,
  protectedNamespace,
  untouched,
  whatIsBeingDeletedIsLeft,
} from './untouched.ts';

/** A control plane with pods that seem to run, and a controller of ours beside it. */
export interface Scene {
  readonly ground: () => Ground;
  /** What a scrape of the controller that leads says. */
  readonly metrics: () => Promise<string>;
  /** What stands before each title where they are followed a second time. */
  readonly as?: string;
}

/** The webhook must not be called for these, though it works. */
export const useless = ['useless-1', 'useless-2', 'useless-3'];

/** What the controller of a scene has to be told for its journeys. */
export const settings = { 'workload-metrics': 'true', 'protected-namespaces': protectedNamespace };

type Journey = (t: ExecutionContext, ground: Ground) => Promise<void>;

/** The journeys that are the same on every control plane, a test each. */
export function followEverywhere(test: TestFn, { ground, metrics, as = '' }: Scene): void {
  const follow = (title: string, journey: Journey) =>
    test(as + title, async (t) => {
      await journey(t, ground());
    });

  for (const [title, old] of oldWorkloads)
    follow(`an old workload gets its agent: ${title}`, (t, there) =>
      anOldWorkloadGetsItsAgent(t, there, old),
    );
  for (const [title, one] of Object.entries(untouched))
    follow(`nothing is done, and a person is told why: ${title}`, (t, there) =>
      itIsLeftAlone(t, there, { namespace: namespaceOf(title), metrics }, one),
    );
  for (const [index, [title, word]] of Object.entries(policies).entries())
    follow(`a restart is not repeated where a policy ${title}`, (t, there) =>
      aRefusedRestartIsNotRepeated(t, there, { namespace: `policed-${index}`, word, metrics }),
    );
  follow('a budget that can spare no pod is waited for', (t, there) =>
    aDisruptionThatIsNotAllowedIsWaitedFor(t, there, { namespace: 'spared', metrics }),
  );
  follow('what is being deleted is left alone', (t, there) =>
    whatIsBeingDeletedIsLeft(t, there, { namespace: 'leaving', metrics }),
  );
  follow('installing beside the operator restarts nothing', (t, there) =>
    installingBesideTheOperatorRestartsNothing(t, there, 'operated'),
  );
  follow('what happens again is one Event that counts', (t, there) =>
    itIsToldOnceAndCounted(t, there, 'counted'),
  );
  follow(
    'a change of settings is told and restarts nothing, until somebody asks for that',
    (t, there) => aChangeOfSettingsIsTold(t, there, 'changed'),
  );
  follow(
    'where the webhook is not called one workload is touched, and all are mended once a person says so',
    async (t, there) => {
      const harm = {
        namespaces: useless,
        library: 'useless',
        reason: 'RestartDidNotHelp',
      } as const;
      const spots = await oneIsTouchedAndTheRestIsNot(t, there, harm);
      await resumingMendsThemAll(t, there, harm, spots);
    },
  );
  follow('what an owner deploys during our restart is what runs in the end', (t, there) =>
    theOwnersDeployWins(t, there, 'owned'),
  );
}

/** After all of them: what the controller says of itself. */
export async function allOfItIsCounted(t: ExecutionContext, { metrics }: Scene): Promise<void> {
  const page = await metrics();
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'])
    t.regex(
      page,
      new RegExp(`^retrofit_restart_outcomes_total{kind="${kind}",outcome="succeeded"} [1-9]`, 'm'),
    );
  t.regex(page, /^retrofit_restarts_total{kind="DaemonSet",cause="\w+"} 1$/m);
  t.regex(page, /^retrofit_leader 1$/m);
  t.regex(page, /^retrofit_probe_success 1$/m);
  t.regex(page, /^retrofit_pods{namespace="old-daemon",state="current"} 2$/m);
  t.regex(page, /^retrofit_round_failures_total 0$/m);
}

import test from 'ava';
import { noon, verdictOn, type PodScene, type Scene } from '../../../support/restart.ts';

/** What is judged of a workload that the title tells of. */
export const says = test.macro({
  title: (title = '') => `a workload ${title}`,
  exec(t, scene: Scene, verdict: string) {
    t.is(verdictOn(scene), verdict);
  },
});

export const java = 'instrumentation.opentelemetry.io/inject-java';
export const bare = 'PodsPredateInstrumentation';
export const stamped: PodScene = { carries: 'stamp' };
export const ago = (seconds: number) => new Date((noon - seconds) * 1_000).toISOString();

import anyTest, { type TestFn } from 'ava';
import { injects } from '../../journeys/pods/injection.ts';
import { killLeavesNothing, stopLeavesNothing } from '../../journeys/pods/leaving.ts';
import { realPlane, type Plane } from '../../journeys/stage/plane.ts';
import { stories } from '../../journeys/pods/stories.ts';
import { setStage, type Stage } from '../../journeys/stage/stage.ts';
import { podsFollowTheScript, statusIsEnough } from '../../journeys/pods/scripted.ts';
import { kinds, rolls } from '../../journeys/pods/workloads.ts';
import { findSource } from '../binaries.ts';
import { startCluster } from '../start.ts';

interface Scene {
  plane: Plane;
  stage: Stage;
}

/** Pods need controllers, and the API server must reach what runs on this machine. */
const source = await findSource(process.env);
const isFit = source.kind === 'programs' && source.controllerManager !== undefined;
const test = (isFit ? anyTest.serial : anyTest.serial.skip) as TestFn<Scene>;

anyTest.before(async (t) => {
  if (!isFit) return;
  const scene = t.context as Scene;
  scene.plane = realPlane(await startCluster());
  scene.stage = await setStage(scene.plane);
});

anyTest.after.always((t) => (t.context as Partial<Scene>).plane?.stop());

test('a process reports through what it was injected with', (t) => injects(t, t.context.stage));

for (const kind of kinds) {
  test(`${kind} roll without losing a request`, (t) => rolls(t, t.context.stage, kind));
}

for (const [title, tell] of stories) {
  test(title, (t) => tell(t, t.context.stage));
}

test('a node that is stopped leaves nothing', async (t) => {
  await t.context.stage.leave();
  await stopLeavesNothing(t, t.context.plane);
});

test('a node that is killed leaves nothing', (t) => killLeavesNothing(t, t.context.plane));

test('status is enough for workloads', (t) => statusIsEnough(t, t.context.plane));
test('pods follow the script', (t) => podsFollowTheScript(t, t.context.plane));

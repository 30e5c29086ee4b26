import anyTest, { type TestFn } from 'ava';
import { injects } from '../../journeys/pods/injection.ts';
import { sandboxPlane, type Plane } from '../../journeys/stage/plane.ts';
import { stories } from '../../journeys/pods/stories.ts';
import { setStage, type Stage } from '../../journeys/stage/stage.ts';

interface Scene {
  plane: Plane;
  stage: Stage;
}

const test = anyTest as TestFn<Scene>;

test.before(async (t) => {
  t.context.plane = await sandboxPlane();
  t.context.stage = await setStage(t.context.plane, { rooms: 'rewritten' });
});

test.after.always(async (t) => {
  await t.context.stage?.leave();
  await t.context.plane?.stop();
});

/** As long as what a journey waits for may take, so that its own words are heard if it does not come. */
test.beforeEach((t) => t.timeout(300_000));

test('without privileges, a process reports through what it was injected with', (t) =>
  injects(t, t.context.stage));

for (const [title, tell] of stories) {
  test(`without privileges, ${title}`, (t) => tell(t, t.context.stage));
}

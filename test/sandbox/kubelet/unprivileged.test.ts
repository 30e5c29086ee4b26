import anyTest, { type TestFn } from 'ava';
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

for (const [index, [title, tell]] of Object.entries(stories).entries()) {
  test(`without privileges, ${title}`, async (t) => {
    const namespace = `story-${index}`;
    await t.context.stage.createNamespace(namespace);
    await tell(t, t.context.stage, namespace);
  });
}

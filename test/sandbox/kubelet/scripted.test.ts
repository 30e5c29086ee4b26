import anyTest, { type TestFn } from 'ava';
import { sandboxPlane, type Plane } from '../../journeys/stage/plane.ts';
import { podsFollowTheScript, statusIsEnough } from '../../journeys/pods/scripted.ts';

const test = anyTest as TestFn<{ plane: Plane }>;

test.before(async (t) => {
  t.context.plane = await sandboxPlane();
});

test.after.always((t) => t.context.plane?.stop());

test.serial('status is enough for workloads', (t) => statusIsEnough(t, t.context.plane));
test.serial('pods follow the script', (t) => podsFollowTheScript(t, t.context.plane));

import anyTest, { type TestFn } from 'ava';
import { killLeavesNothing, stopLeavesNothing } from '../../journeys/pods/leaving.ts';
import { sandboxPlane, type Plane } from '../../journeys/stage/plane.ts';

const test = anyTest as TestFn<{ plane: Plane }>;

test.before(async (t) => {
  t.context.plane = await sandboxPlane();
});

test.after.always((t) => t.context.plane?.stop());

test.serial('a node that is stopped leaves nothing', (t) => stopLeavesNothing(t, t.context.plane));
test.serial('a node that is killed leaves nothing', (t) => killLeavesNothing(t, t.context.plane));

import anyTest, { type TestFn } from 'ava';
import { isOurs } from '../../cluster/plane/ours.ts';
import { followOnAPlane } from '../../cluster/webhook/loop.ts';

/*
 * The journeys of the loop with the oldest Kubernetes that is supported; with today's they are
 * followed in the cluster's suites.
 */

const test = (isOurs ? anyTest : anyTest.skip) as TestFn;

followOnAPlane(test, { plane: { emulated: '1.33' }, as: 'as 1.33, ', isStreaming: false });

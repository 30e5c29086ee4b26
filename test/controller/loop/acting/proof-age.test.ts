import test, { type ExecutionContext } from 'ava';
import { marks } from '../../../../crds/names.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../../../domain/json.ts';
import { createProber } from '../../../../controller/loop/acting/probe.ts';
import { aScene } from '../support.ts';

/** A webhook that answers after so long; nothing comes of a question that is asked when it is gone. */
function scene(t: ExecutionContext, answersAfterMs: number) {
  const { world, machine } = aScene();
  const state = { isGone: false };
  const ending = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => {
    ending.signal.addEventListener('abort', () => reject(new Error('over')), { once: true });
  });
  ended.catch(() => undefined);
  const prober = createProber({
    client: {
      create: async (_place, body: JsonObject) => {
        if (state.isGone) return ended;
        await machine.wait(answersAfterMs, ending.signal);
        return answered(body);
      },
    },
    namespace: 'otel-retrofit',
    intervalMs: 30_000,
    fingerprint: () => 'view',
    record: () => undefined,
    onChange: () => undefined,
    time: machine,
    now: () => Math.floor(machine.now() / 1_000),
    nonce: () => 'nonce',
  });
  const running = prober.run(ending.signal);
  t.teardown(async () => {
    ending.abort();
    await world.pass(0);
    await running;
  });
  return { prober, state, machine, pass: (ms: number) => world.pass(ms) };
}

function answered(pod: JsonObject): JsonObject {
  const metadata = objectAt(pod, 'metadata');
  const annotations = isObject(metadata) ? objectAt(metadata, 'annotations') : undefined;
  const nonce = textAt(annotations ?? {}, marks.probe);
  return { ...pod, metadata: { annotations: { [marks.probe]: `${nonce}.view` } } };
}

test('a proof holds for two minutes, whatever becomes of the questions after it', async (t) => {
  const { prober, state, pass } = scene(t, 0);
  await pass(1);
  state.isGone = true;
  await pass(119_900);
  t.true(prober.isProven());
  await pass(200);
  t.false(prober.isProven());
  t.is(prober.provenAt(), undefined);
  t.is(prober.verdict(), 'unproven');
});

test('what an answer proves, it proves of the moment at which it was asked for', async (t) => {
  const { prober, machine, pass } = scene(t, 5_000);
  const askedAt = Math.floor(machine.now() / 1_000);
  await pass(5_100);
  t.is(prober.provenAt(), askedAt);
});

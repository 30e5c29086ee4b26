import test from 'ava';
import { createLedger } from '../../../../controller/loop/telling/ledger.ts';
import type { Judgement, Verdict } from '../../../../domain/restart/verdict.ts';
import { aJudgement, now } from '../../../domain/restart/plan/build.ts';

const cart = aJudgement('Deployment/shop/cart');
const web = aJudgement('Deployment/shop/web');
const settling: Verdict = {
  kind: 'waiting',
  reason: 'Settling',
  cause: 'WebhookMissed',
  until: now,
};

/** What is other after these judgements, with the verdicts that the plan has put in their place. */
function ledger() {
  const { note, askingFor } = createLedger();
  const after = (all: readonly Judgement[], put: Readonly<Record<string, Verdict>> = {}) => {
    const news = note(new Map(all.map((one) => [one.key, one])), new Map(Object.entries(put)));
    return {
      workloads: news.workloads.map(({ judgement }) => judgement.key),
      gone: news.gone,
      instrumentations: [...news.instrumentations],
    };
  };
  return { after, askingFor };
}

test('whoever is seen for the first time is news, and as it was it is none', (t) => {
  const { after } = ledger();
  t.deepEqual(after([cart, web]), {
    workloads: [cart.key, web.key],
    gone: [],
    instrumentations: ['shop/main'],
  });
  t.deepEqual(after([cart, web]), { workloads: [], gone: [], instrumentations: [] });
});

test('another judgement is news, also where the verdict is the same', (t) => {
  const { after } = ledger();
  after([cart, web]);
  const emptier = aJudgement(web.key, { coverage: { missing: 2 } });
  t.deepEqual(after([cart, emptier]).workloads, [web.key]);
});

test('another word of the plan is news, and another end of the same waiting is none', (t) => {
  const { after } = ledger();
  after([cart]);
  t.deepEqual(after([cart], { [cart.key]: settling }).workloads, [cart.key]);
  t.deepEqual(after([cart], { [cart.key]: { ...settling, until: now + 5 } }).workloads, []);
  t.deepEqual(after([cart], { [cart.key]: { ...settling, reason: 'Busy' } }).workloads, [cart.key]);
});

test('one that is gone is told once, and concerns what it asked for', (t) => {
  const { after, askingFor } = ledger();
  after([cart, web]);
  t.deepEqual(after([cart]), {
    workloads: [],
    gone: [web.key],
    instrumentations: ['shop/main'],
  });
  t.deepEqual(after([cart]).gone, []);
  t.is(askingFor('shop/main').length, 1);
});

test('one that comes as another goes is told of both', (t) => {
  const { after } = ledger();
  after([cart]);
  t.like(after([web]), { workloads: [web.key], gone: [cart.key] });
});

test('each workload stands under the Instrumentations that it asks for, with the last word on it', (t) => {
  const { after, askingFor } = ledger();
  const nothing = { ...cart, key: 'n', wanted: { kind: 'nothing', reason: 'NotAsked' } } as const;
  const both = aJudgement(web.key, { wanted: { instrumentations: ['shop/main', 'shop/other'] } });
  after([cart, nothing, both], { [cart.key]: settling });
  t.deepEqual(askingFor('shop/main'), [
    { judgement: cart, verdict: settling },
    { judgement: both, verdict: both.verdict },
  ]);
  t.deepEqual(askingFor('shop/other'), [{ judgement: both, verdict: both.verdict }]);
  t.deepEqual(askingFor('nobody/at-all'), []);
});

test('one that asks for another Instrumentation concerns both', (t) => {
  const { after, askingFor } = ledger();
  after([cart]);
  const moved = aJudgement(cart.key, { wanted: { instrumentations: ['shop/other'] } });
  t.deepEqual(after([moved]).instrumentations, ['shop/main', 'shop/other']);
  t.deepEqual(askingFor('shop/main'), []);
});

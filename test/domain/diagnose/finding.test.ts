import test from 'ava';
import { finding, isTrouble, sorted } from '../../../domain/diagnose/finding.ts';
import { keysOf } from './support.ts';

test('what stands in angle brackets is filled in where it is known, and left where it is not', (t) => {
  const { remedy } = finding('CrashesWithAgent', 'Deployment/shop/cart', {
    words: { pod: 'cart-0', namespace: 'shop' },
  });
  t.true(remedy?.includes('`kubectl logs cart-0 -n shop -c <container> --previous`'));
});

test('errors come before warnings, causes before effects, and each thing once', (t) => {
  const one = finding('EndpointPortMissing', 'Service/a/b');
  const other = finding('WebhookNotReady', 'Service/c/d');
  const warning = finding('ControllerMissing', 'Namespace/e');
  t.deepEqual(keysOf(sorted([warning, one, other, one])), [
    'WebhookNotReady',
    'EndpointPortMissing',
    'ControllerMissing',
  ]);
});

const sufferedBy = (...workloads: readonly string[]) =>
  finding('EndpointWithoutPods', 'Service/a/b', { detail: 'http://b.a:4318', workloads });

test('what several suffer by is told once, as the trouble of each of them', (t) => {
  const [one, ...others] = sorted([
    sufferedBy('Deployment/c/d', 'Deployment/c/e'),
    sufferedBy('Deployment/f/g', 'Deployment/c/d'),
  ]);
  t.deepEqual(one?.workloads, ['Deployment/c/d', 'Deployment/c/e', 'Deployment/f/g']);
  t.deepEqual(others, []);
  const all = finding('EndpointWithoutPods', 'Service/a/b', { detail: 'http://b.a:4318' });
  t.is(sorted([sufferedBy('Deployment/c/d'), all])[0]?.workloads, undefined);
});

test('a note is no trouble', (t) => {
  t.false(isTrouble(finding('PythonConsoleSilent', 'Deployment/shop/cart')));
  t.true(isTrouble(finding('SwitchedOff', 'Deployment/shop/cart')));
});

test('a finding leads to its heading', (t) => {
  t.is(
    finding('SwitchedOff', 'Deployment/shop/cart').docs,
    'docs/guides/troubleshooting.md#switchedoff',
  );
  t.is(finding('Paused', 'Deployment/shop/cart').docs, 'docs/reference/reasons.md#paused');
});

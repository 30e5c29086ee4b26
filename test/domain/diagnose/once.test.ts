import test from 'ava';
import { once } from '../../../domain/diagnose/once.ts';

test('each value is asked about once, and equal ones each for themselves', (t) => {
  const asked: object[] = [];
  const nameOf = once((about: { readonly name: string }) => {
    asked.push(about);
    return about.name;
  });
  const [one, other] = [{ name: 'cart' }, { name: 'cart' }];
  t.deepEqual([nameOf(one), nameOf(one), nameOf(other)], ['cart', 'cart', 'cart']);
  t.deepEqual(asked, [one, other]);
});

test('that there is no answer is an answer', (t) => {
  let count = 0;
  const nothing = once((_about: object) => {
    count += 1;
    return undefined;
  });
  const about = {};
  t.deepEqual([nothing(about), nothing(about), count], [undefined, undefined, 1]);
});

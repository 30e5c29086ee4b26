import test from 'ava';
import { languages } from '../../domain/injection/instrumentation/settings.ts';
import { fixtures, outcomeText } from '../support/fixtures.ts';

const all = fixtures();

for (const fixture of all) {
  test(`${fixture.name} comes out as its folder says`, (t) => {
    t.is(outcomeText(fixture), fixture.expected);
  });
}

test('every language is shown in at least twelve situations, the web servers in eight', (t) => {
  for (const language of languages) {
    const count = all.filter(({ name }) => name.startsWith(`${language}/`)).length;
    t.true(
      count >= (language === 'apache-httpd' || language === 'nginx' ? 8 : 12),
      `${language}: ${count}`,
    );
  }
});

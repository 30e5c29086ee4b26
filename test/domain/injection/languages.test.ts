import test from 'ava';
import { annotations as keys } from '../../../crds/names.ts';
import { languages } from '../../../domain/injection/instrumentation/settings.ts';
import { injectors } from '../../../domain/injection/languages.ts';
import { aContainer, admitted } from '../../support/build.ts';

test('every language has its injector, and there is none besides', (t) => {
  t.deepEqual(Object.keys(injectors).toSorted(), languages.toSorted());
});

test('no injector stands for two languages', (t) => {
  t.is(new Set(Object.values(injectors)).size, languages.length);
});

for (const language of languages) {
  test(`${language} is given to a pod that asks for it`, (t) => {
    const admission = admitted(language, { annotations: { [keys.goTargetExecutable]: '/app' } });
    t.is(admission.kind, 'injected');
    if (admission.kind === 'injected') {
      t.deepEqual(admission.given, [
        { language, instrumentation: 'shop/main', containers: ['app'] },
      ]);
      t.deepEqual(admission.refusals, []);
    }
  });
}

test('languages in containers of their own do not get in each other’s way', (t) => {
  const [first = 'java', ...others] = languages.filter((language) => language !== 'nginx');
  const lists = [first, ...others].map((language) => [
    keys.languageContainerNames(language),
    language,
  ]);
  const asked = others.map((language) => [keys.inject(language), 'true']);
  const admission = admitted(first, {
    pod: { containers: [first, ...others].map((name) => aContainer({ name })) },
    annotations: {
      [keys.goTargetExecutable]: '/app',
      ...Object.fromEntries([...lists, ...asked]),
    },
  });
  t.deepEqual(
    admission.kind === 'injected' ? admission.given.map(({ language }) => language) : [],
    [first, ...others],
  );
});

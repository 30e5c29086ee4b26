import test from 'ava';
import { rows } from '../../../config/settings.ts';
import { renderSettings } from '../../../config/settings/render.ts';

test('every setting has its heading, once', (t) => {
  const page = renderSettings();
  for (const key of rows.keys()) t.is(page.split(`### \`${key}\`\n`).length, 2, key);
});

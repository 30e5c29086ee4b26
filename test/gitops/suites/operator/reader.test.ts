import test from 'ava';
import { images } from '../../../../config/images.ts';
import { admit } from '../../../../domain/injection/admit.ts';
import { readInstrumentation } from '../../../../domain/injection/instrumentation/read.ts';
import { imageVersion } from '../../../../domain/injection/sdk/version.ts';
import { indexInstrumentations } from '../../../../domain/injection/selector.ts';
import { chosenSeed, diceOf, type Dice } from '../../../support/dice.ts';
import { readByGo } from '../../reader/reader.ts';

/*
 * The operator leaves the reading of images and paths to libraries of Go, and those are asked here.
 * What the operator makes of what they find is not: see test/model for that.
 */

const seed = chosenSeed();

test('of 20,000 texts each is the image, with the version, that Go takes it for', async (t) => {
  const dice = diceOf(seed);
  const texts = Array.from({ length: 20_000 }, () => randomImage(dice));
  const answers = await readByGo(texts.map((image) => ({ image })));
  const versions = answers.map(({ tag, digest }) => [tag, digest].filter(Boolean).join('@'));
  const found = versions.filter((version) => version !== '').length;
  t.log(`${found} of ${texts.length} state a version, seed ${seed}`);
  t.true(found > 500 && found < texts.length);
  const wrong = texts.flatMap((image, index) => {
    const ours = imageVersion(image) ?? '';
    return ours === versions[index] ? [] : [{ image, ours, theirs: versions[index] }];
  });
  t.deepEqual(wrong.slice(0, 5), [], `seed ${seed}`);
});

test('of 2,000 paths each leads Nginx to the directory and file that Go finds, or is refused as none', async (t) => {
  const dice = diceOf(seed);
  const paths = Array.from({ length: 2_000 }, () => randomPath(dice));
  const answers = await readByGo(paths.map((path) => ({ path })));
  const ours = paths.map(whereNginxLooks);
  const taken = ours.filter((one) => one !== 'refused').length;
  t.log(`${taken} of ${paths.length} are files, seed ${seed}`);
  t.true(taken > 200 && taken < paths.length);
  const wrong = paths.flatMap((path, index) => {
    const { directory = '', file = '' } = answers[index] ?? {};
    const isFile = path.endsWith(`/${file}`) && file !== '.' && file !== '..' && directory !== '/';
    const expected = isFile ? `${directory} ${file}` : 'refused';
    return ours[index] === expected ? [] : [{ path, ours: ours[index], expected }];
  });
  t.deepEqual(wrong.slice(0, 5), [], `seed ${seed}`);
});

/** The directory that is copied and the file that the module is added to. */
function whereNginxLooks(configFile: string): string {
  const instrumentation = readInstrumentation({
    metadata: { namespace: 'shop', name: 'main' },
    spec: { exporter: { endpoint: 'http://otel.obs:4317' }, nginx: { configFile } },
  });
  const pod = {
    metadata: { annotations: { 'instrumentation.opentelemetry.io/inject-nginx': 'true' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1.25.3' }] },
  };
  const admission = admit(pod, {
    namespace: { name: 'shop', annotations: {} },
    instrumentations: indexInstrumentations(instrumentation === undefined ? [] : [instrumentation]),
    defaults: { images, disabled: [] },
  });
  if (admission.kind !== 'injected') return 'refused';
  const { spec } = admission.pod as unknown as Injected;
  return spec.initContainers.map(({ args }) => args.at(-1)).join(' ');
}

interface Injected {
  readonly spec: { readonly initContainers: readonly { readonly args: readonly string[] }[] };
}

const hosts = [
  '',
  '',
  '',
  'reg.example/',
  'reg.example:5000/',
  'localhost/',
  'REG/',
  'A.b-c.D:80/',
  '127.0.0.1:5000/',
  '[fd00::1]:5000/',
  '[::1]/',
  '[fe80::1%25eth0]/',
  '[]/',
  'a_b/',
  'a-/',
  'reg:port/',
  'reg.example:/',
  'reg./',
] as const;

const names = [
  'cart',
  'cart',
  'shop/cart',
  'a.b/c_d/e__f/g---h',
  'a___b',
  'a..b',
  'a._b',
  'a-',
  'Cart',
  'shop/Cart',
  'shop//cart',
  'cart/',
  'é',
  'n'.repeat(255),
  'n'.repeat(256),
  `m/${'n'.repeat(253)}`,
  `m/${'n'.repeat(255)}`,
  '',
] as const;

const tags = [
  '',
  '',
  ':1.2',
  ':latest',
  ':V1_2.3-rc',
  ':',
  ':-1',
  ':.1',
  ':_1',
  ':1+b',
  ':1:2',
  ': 1',
  `:${'t'.repeat(128)}`,
  `:${'t'.repeat(129)}`,
] as const;

const digests = [
  ['', 0],
  ['', 0],
  ['', 0],
  ['@sha256:', 64],
  ['@sha384:', 96],
  ['@sha512:', 128],
  ['@sha256:', 63],
  ['@sha256:', 32],
  ['@sha512:', 64],
  ['@SHA256:', 64],
  ['@md5:', 32],
  ['@sha256+x:', 64],
  ['@sha256', 0],
  ['@', 0],
] as const;

const hex = (length: number, dice: Dice) =>
  Array.from({ length }, () => dice.roll(16).toString(16)).join('');

/** Often with one sign changed, which makes most of them no image. */
function randomImage(dice: Dice): string {
  if (dice.chance(0.02)) return hex(64, dice) + dice.pick(tags);
  const [algorithm, length] = dice.pick<readonly [string, number]>(digests);
  const image = dice.pick(hosts) + dice.pick(names) + dice.pick(tags) + algorithm;
  const whole = image + hex(length, dice);
  if (!dice.chance(0.2)) return whole;
  const at = dice.roll(whole.length + 1);
  const sign = dice.pick(['', ' ', '\n', '@', ':', '/', '.', '_', '-', 'Z', '٣', '\u0000']);
  return whole.slice(0, at) + sign + whole.slice(at + dice.roll(2));
}

const pieces = ['etc', 'nginx', '.', '..', '', 'conf.d', 'nginx.conf', '...', 'a.b'] as const;

const randomPath = (dice: Dice) =>
  `/${Array.from({ length: 1 + dice.roll(5) }, () => dice.pick(pieces)).join('/')}`;

import { readFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { install, type Python } from './agents.ts';
import { digest, run, type Part } from './cache.ts';

const shop = join(import.meta.dirname, '../shop');
const textOf = (name: string) => readFileSync(join(shop, name), 'utf8');

/** It needs nothing but Node. */
export const cart: Part = {
  name: `shop-cart-${digest(textOf('cart.cjs'))}`,
  needs: 'nothing',
  async fill(folder) {
    await mkdir(join(folder, 'app'));
    await copyFile(join(shop, 'cart.cjs'), join(folder, 'app/cart.cjs'));
  },
};

const pricingFiles = ['pricing.py', 'pricing.txt', 'own.py'];

/** With packages of its own, in an environment of its own: so are most images for Python. */
export const pricing = (python: Python): Part => ({
  name: `shop-pricing-${python.tag}-${digest(pricingFiles.map(textOf).join(''))}`,
  needs: 'Python 3.10 to 3.13 with venv and pip, and its registry',
  async fill(folder) {
    const environment = join(folder, 'app/venv');
    await run(python.file, ['-m', 'venv', '--without-pip', '--symlinks', environment]);
    const script = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
    const packages = await run(join(environment, 'bin/python'), ['-c', script]);
    await install(python, join(shop, 'pricing.txt'), packages);
    await copyFile(join(shop, 'pricing.py'), join(folder, 'app/pricing.py'));
    await mkdir(join(folder, 'app/lib'));
    await copyFile(join(shop, 'own.py'), join(folder, 'app/lib/own.py'));
  },
});

export const stock: Part = {
  name: `shop-stock-${digest(textOf('Stock.java'))}`,
  needs: 'a JDK of version 17 or newer',
  fill: (folder) =>
    run('javac', ['--release', '17', '-d', join(folder, 'app'), join(shop, 'Stock.java')]),
};

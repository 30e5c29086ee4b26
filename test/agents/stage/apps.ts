import { images as agents } from '../../../config/images.ts';
import type { KubeletOptions } from '../../../sandbox/kubelet/kubelet.ts';
import { folderOf, type Part } from '../parts/cache.ts';
import type { Parts } from '../parts/parts.ts';

/** A service of the shop: its language, and the variable that wakes the agent of that language. */
export interface App {
  readonly name: 'cart' | 'pricing' | 'stock';
  readonly language: 'nodejs' | 'python' | 'java';
  readonly variable: 'NODE_OPTIONS' | 'PYTHONPATH' | 'JAVA_TOOL_OPTIONS';
  /** What the variable holds before anybody comes: the program tells whether it is in force. */
  readonly own: string;
  /** Where it lies; in the Deployment itself, unless it is elsewhere. */
  readonly source: 'configmaps' | 'secrets' | 'none';
  readonly command: readonly string[];
  readonly asks: Readonly<Record<string, AppName>>;
}

export type AppName = App['name'];

/** Each asks the next; the last comes back to the first. */
export const apps = [
  {
    name: 'cart',
    language: 'nodejs',
    variable: 'NODE_OPTIONS',
    own: '--title=ours',
    source: 'configmaps',
    command: ['node', '/app/cart.cjs'],
    asks: { PRICING_URL: 'pricing' },
  },
  {
    name: 'pricing',
    language: 'python',
    variable: 'PYTHONPATH',
    own: '/app/lib',
    source: 'none',
    command: ['/app/venv/bin/python', '/app/pricing.py'],
    asks: { STOCK_URL: 'stock' },
  },
  {
    name: 'stock',
    language: 'java',
    variable: 'JAVA_TOOL_OPTIONS',
    own: '-Down=ours',
    source: 'secrets',
    command: ['java', '-cp', '/app', 'Stock'],
    asks: { CART_URL: 'cart' },
  },
] as const satisfies readonly App[];

/** What the node can run: the services, and the agents under the names that the product gives them. */
export function imagesOf(parts: Parts): NonNullable<KubeletOptions['images']> {
  return {
    [agents.nodejs]: imageOf(parts.nodeAgent, ['sh']),
    [agents.python]: imageOf(parts.pythonAgent, ['sh']),
    [agents.java]: imageOf(parts.javaAgent, ['sh']),
    ...Object.fromEntries(
      apps.map(({ name, command }) => [`shop/${name}`, imageOf(parts[name], command)]),
    ),
  };
}

const imageOf = (part: Part, command: readonly string[]) => ({
  directory: folderOf(part),
  command,
});

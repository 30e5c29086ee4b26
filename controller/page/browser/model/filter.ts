import { verdictKinds, type Row, type VerdictKind } from '../../wire.ts';
import { compare, totalsOf } from './totals.ts';

export const orders = ['verdict', 'name', 'pods', 'since'] as const;

export type Order = (typeof orders)[number];

/** What a person wants to see. It stands in the address, so that a view can be sent to somebody. */
export interface Filter {
  readonly text: string;
  /** `asking` are all but the exempt ones. */
  readonly verdict: VerdictKind | 'asking';
  readonly namespace: string;
  readonly order: Order;
  readonly isReversed: boolean;
  /** The key of the workload that is looked at more closely. */
  readonly open: string;
}

export const nothingSaid: Filter = {
  text: '',
  verdict: 'asking',
  namespace: '',
  order: 'verdict',
  isReversed: false,
  open: '',
};

export function readAddress(hash: string): Filter {
  const said = new URLSearchParams(hash.replace(/^#/, ''));
  const order = said.get('order') ?? '';
  return {
    text: said.get('text') ?? '',
    verdict: verdictKinds.find((kind) => kind === said.get('verdict')) ?? 'asking',
    namespace: said.get('namespace') ?? '',
    order: orders.find((one) => one === order.replace(/^-/, '')) ?? 'verdict',
    isReversed: order.startsWith('-'),
    open: said.get('workload') ?? '',
  };
}

/** Only what differs from what is shown without being asked. */
export function addressOf({ text, verdict, namespace, order, isReversed, open }: Filter): string {
  const sign = isReversed ? '-' : '';
  const said = new URLSearchParams();
  if (text !== '') said.set('text', text);
  if (verdict !== 'asking') said.set('verdict', verdict);
  if (namespace !== '') said.set('namespace', namespace);
  if (order !== 'verdict' || isReversed) said.set('order', `${sign}${order}`);
  if (open !== '') said.set('workload', open);
  return `#${said.toString().replaceAll('%2F', '/')}`;
}

export interface Found {
  readonly rows: readonly Row[];
  /** All that match but for their verdict, to be counted by it. */
  readonly anyVerdict: readonly Row[];
}

export function find(rows: Iterable<Row>, filter: Filter): Found {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const anyVerdict = [...rows].filter(
    (row) =>
      (filter.namespace === '' || row.namespace === filter.namespace) &&
      words.every((word) => textOf(row).includes(word)),
  );
  const shown = anyVerdict.filter(({ verdict }) =>
    filter.verdict === 'asking' ? verdict !== 'exempt' : verdict === filter.verdict,
  );
  return { rows: shown.toSorted(comparing(filter)), anyVerdict };
}

const texts = new WeakMap<Row, string>();

function textOf(row: Row): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = `${row.key} ${row.reason ?? ''} ${row.cause ?? ''}`.toLowerCase();
  texts.set(row, text);
  return text;
}

const gravity = new Map(verdictKinds.map((kind, index) => [kind, index]));

const byName = (one: Row, other: Row) =>
  compare(one.namespace, other.namespace) ||
  compare(one.name, other.name) ||
  compare(one.kind, other.kind);

const shareOf = ({ pods }: Row): number => {
  const { covered, wanted } = totalsOf([pods]);
  return wanted === 0 ? 2 : covered / wanted;
};

const comparisons: Readonly<Record<Order, (one: Row, other: Row) => number>> = {
  name: () => 0,
  verdict: (one, other) => (gravity.get(one.verdict) ?? 0) - (gravity.get(other.verdict) ?? 0),
  pods: (one, other) => shareOf(one) - shareOf(other),
  since: (one, other) => (other.since ?? 0) - (one.since ?? 0),
};

function comparing({ order, isReversed }: Filter): (one: Row, other: Row) => number {
  const compared = comparisons[order];
  const sign = isReversed ? -1 : 1;
  if (order === 'name') return (one, other) => sign * byName(one, other);
  return (one, other) => sign * compared(one, other) || byName(one, other);
}

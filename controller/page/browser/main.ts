import { addressOf, find, readAddress, type Filter } from './model/filter.ts';
import { Link } from './model/link.ts';
import { createStore } from './model/store.ts';
import { namespacesIn, totalsOf } from './model/totals.ts';
import { percent } from './model/words.ts';
import { createBanners, showLink } from './parts/banners.ts';
import { createCoverage, createNamespaces } from './parts/coverage.ts';
import { found } from './parts/elements.ts';
import { createNews } from './parts/news.ts';
import { Panel } from './parts/panel.ts';
import { createRestarts } from './parts/restarts.ts';
import { createOrders, Table } from './parts/table.ts';
import { createTools } from './parts/tools.ts';

/** Times are told as they pass. */
const tickMs = 5_000;

const store = createStore();
let filter = readAddress(location.hash);

const open = (key: string) => say({ open: key });
const table = new Table(store, open);
const panel = new Panel(store, (key) => {
  if (filter.open !== '') say({ open: '' });
  table.focus(key);
});
const news = createNews();
const banners = createBanners();
const restarts = createRestarts(open);
const coverage = createCoverage();
const namespaces = createNamespaces((namespace) => say({ namespace }));
const tools = createTools(say);
const orders = createOrders((order) =>
  say({ order, isReversed: order === filter.order && !filter.isReversed }),
);

/** Takes in what a person has said; what is shown follows from it. */
function say(said: Partial<Filter>): void {
  filter = { ...filter, ...said };
  history.replaceState(undefined, '', addressOf(filter));
  showRows();
  panel.show(filter.open);
}

function showRows(): void {
  const { rows, anyVerdict } = find(store.rows.values(), filter);
  table.show(rows);
  orders(filter);
  tools(filter, anyVerdict, rows.length);
  const all = totalsOf([...store.rows.values()].map(({ pods }) => pods));
  namespaces(namespacesIn(store.rows.values()), all, filter.namespace);
  coverage(all);
  document.title = `${percent(all.covered, all.wanted)} – otel-retrofit`;
}

function show(): void {
  found('main').removeAttribute('aria-busy');
  found('board').hidden = store.head.role !== 'leading';
  banners(store);
  restarts(store);
  showRows();
}

// The address holds the view, so it cannot name a place in the document as well.
found('skip').addEventListener('click', (event) => {
  event.preventDefault();
  found('workloads').focus();
});

addEventListener('hashchange', () => {
  filter = readAddress(location.hash);
  showRows();
  panel.show(filter.open);
});

const link = new Link({
  onState: showLink,
  onOverview: (overview) => {
    store.replace(overview);
    show();
    requestAnimationFrame(() => performance.mark('shown'));
    panel.show(filter.open);
  },
  onDelta: (delta) => {
    const known = new Set(store.head.breakers.map(({ instrumentation }) => instrumentation));
    const changes = store.change(delta);
    show();
    const opened = delta.head.breakers.filter((one) => !known.has(one.instrumentation));
    news(
      changes,
      opened.map(({ instrumentation }) => `Restarts for ${instrumentation} have stopped.`),
    );
    if (delta.rows.some(({ key }) => key === filter.open)) void panel.refresh();
  },
});

void link.open();

setInterval(() => {
  banners(store);
  restarts(store);
  table.draw();
}, tickMs);

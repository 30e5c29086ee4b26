import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Cluster, serve } from '../controller/page/cluster.ts';
import { minute, noon } from '../support/restart.ts';
import { violationsIn } from './axe.ts';
import { startChromium, type Chromium, type Size, type Spent, type Tab } from './chromium.ts';
import { aCrowd, aShop } from './shop.ts';

let chromium: Chromium;

test.before(async () => {
  chromium = await startChromium();
});

test.after.always(() => chromium.close());

interface Looked {
  readonly tab: Tab;
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

const isLive = "document.getElementById('link').dataset.state === 'live'";
const phone: Size = { width: 390, height: 844, scale: 2 };

/** The page of a cluster in a tab of its own, once it is live. */
async function looking(
  t: ExecutionContext,
  cluster: Cluster,
  {
    size,
    hash = '',
    scheme = 'light',
  }: { size?: Size; hash?: string; scheme?: 'light' | 'dark' } = {},
): Promise<Looked> {
  const served = await serve(cluster);
  const tab = await chromium.newTab(size);
  t.teardown(async () => {
    await tab.close();
    await served.close();
  });
  await tab.scheme(scheme);
  const url = `http://localhost:${served.port}/${hash}`;
  await tab.goto(url);
  await tab.until(isLive);
  return { tab, url, port: served.port, close: served.close };
}

const names = (tab: Tab) =>
  tab.value<readonly string[]>(
    "[...document.querySelectorAll('#rows a')].map((a) => a.textContent)",
  );

const rowSays = (name: string, text: string) =>
  `[...document.querySelectorAll('#rows tr')].some((tr) => tr.querySelector('a')?.textContent === ${JSON.stringify(name)} && tr.textContent.includes(${JSON.stringify(text)}))`;

const focused = (tab: Tab) => tab.value<string>('document.activeElement.textContent.trim()');

const cause = 'PodsPredateInstrumentation';

test('the story shows: a workload falls behind, is restarted, and is current', async (t) => {
  const cluster = new Cluster().put(
    { name: 'web' },
    {
      name: 'cart',
      since: noon - 60,
      verdict: { kind: 'behind', reason: cause },
      coverage: { missing: 4 },
    },
  );
  const { tab } = await looking(t, cluster);
  await tab.until(rowSays('cart', 'Behind'));
  t.is(await tab.value("document.getElementById('share').textContent"), '33 %');
  cluster.put({
    name: 'cart',
    since: noon - 70,
    updated: 1,
    coverage: { missing: 3, current: 1 },
    verdict: { kind: 'waiting', reason: 'RolloutInProgress', cause, until: undefined },
    restart: { kind: 'underWay', age: 5 },
  });
  await tab.until("document.getElementById('restarts').textContent.includes('shop/cart')");
  await tab.until("document.getElementById('restarts').textContent.includes('1 of 4 pods')");
  await tab.until("document.getElementById('news').textContent === 'shop/cart is now waiting.'");
  cluster.put({ name: 'cart', coverage: { current: 4 }, restart: { kind: 'succeeded', age: 60 } });
  await tab.until(rowSays('cart', 'Current'));
  await tab.until("document.getElementById('share').textContent === '100 %'");
  await tab.until("!document.getElementById('restarts-none').hidden");
  cluster.remove('Deployment/shop/cart');
  await tab.until("document.querySelectorAll('#rows a').length === 1");
  t.deepEqual(tab.complaints(), []);
});

test('a workload opens with its reason, what to do, and its pods', async (t) => {
  const { tab } = await looking(t, aShop());
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  await tab.value(
    "[...document.querySelectorAll('#rows a')].find((a) => a.textContent === 'forecast').click()",
  );
  await tab.until("document.querySelectorAll('#panel .group').length === 2");
  const text = await tab.value<string>("document.getElementById('panel').innerText");
  t.regex(text, /forecast\s+Stuck\s+The pods of our last restart fail/);
  t.regex(text, /kubectl patch deployment\/forecast -n insights .*"false"/);
  // Whoever is in a hurry reads lines, and copies whole commands.
  t.is(await tab.value("document.querySelectorAll('#panel .remedy p').length"), 5);
  t.regex(text, /3 missing\s+Pods are older than the Instrumentation that they ask for/);
  t.regex(text, /forecast-7c9d5f6b48-x2lqp\s+CrashLoopBackOff\s+no\s+6\s+16 min/);
  t.regex(await tab.value('location.hash'), /workload=Deployment\/insights\/forecast/);
});

test('what stands above everything is told: breakers, an unproven webhook, a replica that stands by', async (t) => {
  const cluster = aShop();
  const { tab } = await looking(t, cluster);
  const banners = "document.getElementById('banners').innerText";
  await tab.until(`${banners}.includes('Restarts for insights/python have stopped')`);
  cluster.breakers.set('web/main', {
    since: noon,
    workload: 'Deployment/web/assets',
    reason: 'RestartFailed',
    settings: '',
  });
  await tab.until(
    "document.getElementById('news').textContent === 'Restarts for web/main have stopped.'",
  );
  cluster.breakers.clear();
  cluster.isWebhookProven = false;
  await tab.until(`${banners}.startsWith('The webhook is not proven.')`);
  cluster.instead = { kind: 'standby', holder: 'controller-0_77' };
  await tab.until(`${banners}.includes('The replica controller-0 leads')`);
  cluster.instead = undefined;
  cluster.isWebhookProven = true;
  await tab.until(`${banners} === ''`);
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  t.deepEqual(tab.complaints(), []);
});

test('text, verdict and namespace narrow the list, and the address keeps what was said', async (t) => {
  const { tab, url } = await looking(t, aShop());
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  await tab.value("document.getElementById('text').focus()");
  await tab.type('CHECKOUT inv');
  await tab.until("document.querySelectorAll('#rows a').length === 1");
  t.deepEqual(await names(tab), ['invoices']);
  t.is(await tab.value("document.getElementById('found').textContent"), '1 workload found');
  t.is(await tab.value('location.hash'), '#text=CHECKOUT+inv');
  await tab.goto('about:blank');
  await tab.goto(`${url}#text=busy&namespace=catalog`);
  await tab.until("document.querySelectorAll('#rows a').length === 1");
  t.deepEqual(await names(tab), ['price-import']);
  t.is(await tab.value("document.getElementById('text').value"), 'busy');
  t.is(
    await tab.value("document.querySelector('#namespaces [aria-pressed=true] .name').textContent"),
    'catalog',
  );
  await tab.goto('about:blank');
  await tab.goto(`${url}#verdict=held`);
  await tab.until("document.querySelectorAll('#rows a').length === 3");
  await tab.value("document.querySelector('#verdicts input[value=exempt]').click()");
  await tab.until(rowSays('coredns', 'Exempt'));
});

test('a column orders the rows, and a second time the other way round', async (t) => {
  const { tab } = await looking(t, new Cluster().put({ name: 'b' }, { name: 'a' }, { name: 'c' }));
  await tab.until("document.querySelectorAll('#rows a').length === 3");
  const head = "document.querySelector('th[data-order=name]')";
  await tab.value(`${head}.querySelector('button').click()`);
  await tab.until(`${head}.getAttribute('aria-sort') === 'ascending'`);
  t.deepEqual(await names(tab), ['a', 'b', 'c']);
  await tab.value(`${head}.querySelector('button').click()`);
  await tab.until("document.querySelector('#rows a').textContent === 'c'");
  t.is(await tab.value(`${head}.getAttribute('aria-sort')`), 'descending');
});

test('everything can be done with the keyboard, and the focus comes back', async (t) => {
  const { tab } = await looking(t, aShop());
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  await tab.press('Tab');
  t.is(await focused(tab), 'Skip to the workloads');
  await tab.press('Enter');
  t.is(await tab.value('document.activeElement.id'), 'workloads');
  t.is(await tab.value('location.hash'), '');
  for (let turn = 0; turn < 40 && (await focused(tab)) !== 'forecast'; turn += 1)
    await tab.press('Tab');
  t.is(await focused(tab), 'forecast');
  await tab.press('ArrowDown');
  await tab.press('ArrowDown');
  t.is(await focused(tab), 'tracking');
  await tab.press('Enter');
  await tab.until("document.getElementById('panel').open");
  t.is(await focused(tab), 'tracking');
  t.is(await tab.value('document.activeElement.id'), 'panel-title');
  await tab.press('Escape');
  await tab.until("!document.getElementById('panel').open");
  t.is(
    await tab.value("document.activeElement.closest('#rows tr').dataset.key"),
    'Deployment/delivery/tracking',
  );
  await tab.press('End');
  t.is(await focused(tab), 'storefront');
  t.deepEqual(tab.complaints(), []);
});

/** Opens the panel from there and closes it, goes on within the same turn, and waits for the page to hear of it. */
async function closing(tab: Tab, opener: string, goesOn = '') {
  await tab.until(`${opener} !== null`);
  await tab.value(`${opener}.focus()`);
  await tab.press('Enter');
  await tab.until("document.getElementById('panel').open");
  await tab.value(`new Promise((resolve) => {
    const panel = document.getElementById('panel');
    panel.addEventListener('close', resolve, { once: true });
    panel.close();
    ${goesOn}
  })`);
}

test('whoever goes on as the panel closes is not called back', async (t) => {
  const { tab } = await looking(t, aShop());
  const goesOn = "document.getElementById('text').focus()";
  await closing(tab, "document.querySelector('#rows a')", goesOn);
  t.is(await tab.value('document.activeElement.id'), 'text');
});

test('the panel leads back to the list of restarts if it was opened from there', async (t) => {
  const { tab } = await looking(t, aShop());
  const button = "document.querySelector('#restarts button')";
  await closing(tab, button);
  t.true(await tab.value(`document.activeElement === ${button}`));
});

for (const [whoever, before] of [
  ['whoever came by the address of a workload', ''],
  ['whoever came by an address and clicked on text', 'document.activeElement.blur()'],
] as const)
  test(`${whoever} is led to its row as the panel closes`, async (t) => {
    const { tab } = await looking(t, aShop(), { hash: '#workload=Deployment/insights/forecast' });
    await tab.until("document.getElementById('panel').open");
    await tab.value(before);
    await tab.press('Escape');
    await tab.until("document.activeElement.closest('#rows tr') !== null");
    t.is(await focused(tab), 'forecast');
  });

test('the focus stays where it is while rows change, move and scroll out of sight', async (t) => {
  const cluster = aCrowd(500, 7);
  cluster.put({
    name: 'mine',
    namespace: 'aaa',
    verdict: { kind: 'stuck', reason: 'RestartFailed', cause },
  });
  const { tab } = await looking(t, cluster);
  await tab.until(rowSays('mine', 'Stuck'));
  await tab.value("document.querySelector('#rows a').focus()");
  t.is(await focused(tab), 'mine');
  await tab.value('scrollTo(0, 9000)');
  await tab.until(
    "Number(document.querySelector('#rows tr:last-of-type').getAttribute('aria-rowindex') ?? 999) > 100",
  );
  t.is(await focused(tab), 'mine');
  cluster.put({ name: 'mine', namespace: 'aaa', coverage: { current: 3 } });
  await tab.until("document.activeElement.closest('tr')?.textContent.includes('Current')");
  t.is(await focused(tab), 'mine');
  cluster.put({
    name: 'mine',
    namespace: 'aaa',
    verdict: { kind: 'behind', reason: cause },
    since: noon - minute,
    coverage: { missing: 3 },
  });
  await tab.until("document.activeElement.closest('tr')?.textContent.includes('Behind')");
});

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing to complain about in the ${scheme} page`, async (t) => {
    const { tab } = await looking(t, aShop(), { scheme });
    await tab.until("document.querySelectorAll('#rows a').length > 5");
    t.deepEqual(await violationsIn(tab), []);
    await tab.value("document.querySelector('#rows a').click()");
    await tab.until("document.querySelectorAll('#panel .group').length === 2");
    await tab.until(hasEntered);
    t.deepEqual(await violationsIn(tab), []);
  });
}

/** What comes in is paler on its way. */
const hasEntered = "document.getAnimations().every((one) => one.animationName !== 'enter')";

test('axe does complain when something is wrong', async (t) => {
  const { tab } = await looking(t, aShop());
  await tab.value("document.querySelector('label[for=text]').remove()");
  await tab.value("document.getElementById('text').placeholder = ''");
  await tab.value("document.getElementById('share-text').style.color = '#ddd'");
  const found = await violationsIn(tab);
  t.true(
    found.some((one) => one.startsWith('critical label')),
    found.join('\n'),
  );
  t.true(
    found.some((one) => one.startsWith('serious color-contrast')),
    found.join('\n'),
  );
});

test('axe finds nothing to complain about on a phone', async (t) => {
  const { tab } = await looking(t, aShop(), { size: phone });
  await tab.value("document.getElementById('workloads').scrollIntoView()");
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  t.deepEqual(await violationsIn(tab), []);
  t.is(await tab.value('document.documentElement.scrollWidth'), 390);
});

test('no code but the page’s own runs, and what comes as data never becomes markup', async (t) => {
  const name = '<img src=x onerror="window.broken = true"><b>bold</b>';
  const { tab } = await looking(t, new Cluster().put({ name, namespace: name }));
  await tab.until("document.querySelectorAll('#rows a').length === 1");
  await tab.value("document.querySelector('#rows a').click()");
  await tab.until("document.getElementById('panel-title').textContent.length > 0");
  t.deepEqual(await names(tab), [name]);
  t.is(await tab.value("document.querySelectorAll('main img, main b b, dialog img').length"), 0);
  t.deepEqual(tab.complaints(), []);
  const tried = await tab.value<readonly string[]>(`(() => {
    const tried = [];
    const attempt = (what, act) => { try { act(); tried.push(what); } catch { /* It was refused. */ } };
    attempt('markup', () => { document.body.innerHTML = '<p>'; });
    const script = document.createElement('script');
    attempt('script text', () => { script.text = 'window.broken = true'; document.body.append(script); });
    const style = document.createElement('style');
    style.append('body { display: none }');
    document.body.append(style);
    if (getComputedStyle(document.body).display === 'none') tried.push('style');
    return tried;
  })()`);
  t.deepEqual(tried, []);
  t.is(await tab.value('window.broken'), undefined);
  t.true(tab.complaints().some((complaint) => complaint.includes('Content Security Policy')));
});

test('when the server is gone the page says so, and when it is back all is as it was', async (t) => {
  const cluster = new Cluster().put({ name: 'cart' });
  const { tab, port, close } = await looking(t, cluster);
  await tab.until("document.querySelectorAll('#rows a').length === 1");
  await close();
  await tab.until("document.getElementById('link').dataset.state === 'lost'");
  t.deepEqual(await names(tab), ['cart']);
  cluster.put({ name: 'stock' });
  const again = await serve(cluster, { port });
  t.teardown(again.close);
  await tab.until(isLive);
  await tab.until("document.querySelectorAll('#rows a').length === 2");
  cluster.put({ name: 'tax' });
  await tab.until("document.querySelectorAll('#rows a').length === 3");
});

/*
 * Speed is measured once, in processor time: how long others let us wait says nothing of the page.
 * What is left out so is what waits without computing, and on the way to the first rows nothing does.
 */

test('5,000 workloads are there after half a second of work, the server’s included', async (t) => {
  const { tab, url } = await looking(t, aCrowd(5_000, 1));
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  const served = process.cpuUsage();
  await tab.goto(url);
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  const { user, system } = process.cpuUsage(served);
  // A page that is loaded anew is counted anew.
  const [server, page] = [(user + system) / 1e3, (await tab.spent()).all];
  const shown = await tab.value<number>("performance.getEntriesByName('shown')[0].startTime");
  t.log(
    `page ${page.toFixed(0)} ms, server ${server.toFixed(0)} ms; by the clock ${shown.toFixed(0)} ms`,
  );
  t.true(page > 20 && page + server < 500, 'half of the second is left to all else');
  t.is(await tab.value("document.getElementById('table').getAttribute('aria-rowcount')"), '4502');
  t.true((await tab.value<number>("document.querySelectorAll('*').length")) < 3_000);
});

test('5,000 workloads scroll with less work for a picture than a sixtieth of a second, while they change', async (t) => {
  const cluster = aCrowd(5_000, 2);
  const { tab } = await looking(t, cluster);
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  const spent: Omit<Spent, 'rounds'>[] = [];
  // Down, up and down again: what else runs on a machine for a moment is not the page's own.
  for (const [round, direction] of [1, -1, 1].entries()) {
    for (let index = 0; index < 50; index += 1)
      cluster.put({ name: `new-${round}-${index}`, namespace: 'aaa' });
    const [before, begun] = [await tab.spent(), processors()];
    await tab.value(scrolling(direction));
    const [after, share] = [await tab.spent(), shareSince(begun)];
    spent.push({
      drawing: ((after.drawing - before.drawing) * share) / pictures,
      all: ((after.all - before.all) * share) / pictures,
    });
  }
  const drawing = middleOf(spent.map((one) => one.drawing));
  const all = middleOf(spent.map((one) => one.all));
  t.log(
    `of a picture, script, style and layout take ${drawing.toFixed(1)} ms of processor time, and all of it ${all.toFixed(1)} ms`,
  );
  t.true(drawing < 8, 'half of the time is left to the browser');
  t.true(all < 16.7, 'sixty pictures fit into a second');
  t.true((await tab.value<number>('scrollY')) > 20_000);
  t.deepEqual(tab.complaints(), []);
});

const pictures = 200;

/** What the processors gave so far, and what they would have given had their host not lent them out. */
function processors() {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, lent = 0] = readFileSync(
    '/proc/stat',
    'utf8',
  )
    .split(/\s+/)
    .map(Number);
  const given = user + nice + system + irq + softIrq;
  return { given, wanted: given + lent };
}

/** A program is said to have computed also while somebody else had its processor: that part is none of its own. */
function shareSince(begun: ReturnType<typeof processors>): number {
  const { given, wanted } = processors();
  return (given - begun.given) / (wanted - begun.wanted);
}

const middleOf = (three: readonly number[]) =>
  three.toSorted((one, other) => one - other)[1] ?? Number.NaN;

/** Five rows further, or back, with each picture, which is faster than anybody reads. */
const scrolling = (direction: number) => `new Promise((resolve) => {
  let left = ${pictures};
  const step = () => {
    scrollBy(0, ${280 * direction});
    left -= 1;
    if (left > 0) requestAnimationFrame(step);
    else resolve();
  };
  requestAnimationFrame(step);
})`;

test('a list that is scrolled slowly is drawn anew every few rows, and not with each picture', async (t) => {
  const { tab } = await looking(t, aCrowd(500, 4));
  await tab.until("document.querySelectorAll('#rows a').length > 5");
  const drawn = await tab.value<number>(`(async () => {
    let times = 0;
    new MutationObserver(() => (times += 1)).observe(document.getElementById('rows'), { childList: true });
    for (let left = 100; left > 0; left -= 1) {
      scrollBy(0, 28);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return times;
  })()`);
  t.true(drawn >= 5 && drawn <= 15, `${drawn} times in 100 pictures`);
  const bare = await tab.value<number>(
    "[...document.querySelectorAll('#rows .gap')].filter((gap) => gap.getBoundingClientRect().bottom > 0 && gap.getBoundingClientRect().top < innerHeight).length",
  );
  t.is(bare, 0);
});

test('while nothing changes the page has nothing to do, though its light breathes', async (t) => {
  const { tab } = await looking(t, aCrowd(50, 3));
  t.true(
    await tab.value<boolean>(
      "document.getAnimations().some((one) => one.animationName === 'breathe')",
    ),
  );
  await tab.until("document.getAnimations().every((one) => one.animationName === 'breathe')");
  const before = await tab.spent();
  await pause(2_000);
  const { rounds } = await tab.spent();
  t.true(rounds - before.rounds < 10, `${rounds - before.rounds} times in two seconds`);
});

/** Where the pictures of the documentation go, if they are to be taken anew. */
const folder = process.env['RETROFIT_PICTURES'];

for (const [name, settings] of [
  ['status-page-light', { scheme: 'light' }],
  ['status-page-dark', { scheme: 'dark' }],
  ['status-page-workload', { scheme: 'light', hash: '#workload=Deployment/insights/forecast' }],
] as const) {
  test(`its picture for the documentation can be taken: ${name}`, async (t) => {
    const size = { width: 1440, height: 920, scale: 1.5 };
    const { tab } = await looking(t, aShop(), { ...settings, size });
    await tab.until("document.querySelectorAll('#rows a').length > 5");
    if ('hash' in settings)
      await tab.until("document.querySelectorAll('#panel .group').length === 2");
    await tab.value(
      'Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1).map((one) => one.finished))',
    );
    const picture = await tab.screenshot();
    t.true(picture.length > 50_000);
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.png`), picture);
  });
}

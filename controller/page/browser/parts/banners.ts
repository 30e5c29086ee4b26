import type { Head, OpenBreaker } from '../../wire.ts';
import type { LinkState } from '../model/link.ts';
import type { Store } from '../model/store.ts';
import { ago } from '../model/times.ts';
import { arrange, element, found, keyed, mark, prose, write } from './elements.ts';

interface Banner {
  readonly key: string;
  readonly grade: 'bad' | 'warn' | 'note';
  readonly title: string;
  readonly text: string;
}

/** What concerns everything, above everything. */
export function createBanners(): (store: Store) => void {
  const told = new WeakMap<Element, string>();
  const entries = keyed<Banner, HTMLElement>(make, (entry, { grade, title, text }) => {
    mark(entry, 'data-grade', grade);
    if (told.get(entry) === title + text) return;
    told.set(entry, title + text);
    entry.replaceChildren(element('p', {}, element('b', {}, title)), element('p', {}, prose(text)));
  });
  return (store) => {
    const list = bannersOf(store);
    arrange(found('banners'), entries(list.map((banner) => [banner.key, banner])));
  };
}

const make = () => element('div', { class: 'banner', role: 'note' });

function bannersOf({ head, clock, summaryOf }: Store): readonly Banner[] {
  const open = head.breakers.map((breaker) => openBreaker(breaker, clock.now(), summaryOf));
  return [...roleBanners(head), ...open];
}

function roleBanners({ role, holder, isWebhookProven }: Head): readonly Banner[] {
  if (role === 'starting') {
    const text = 'The first look at the cluster takes some seconds.';
    return [{ key: 'role', grade: 'note', title: 'The controller is starting.', text }];
  }
  if (role === 'standby') {
    const pod = holder === undefined || holder === '' ? undefined : holder.replace(/_.*$/, '');
    const text =
      pod === undefined
        ? 'Nobody leads yet. The replica that does will know how the workloads are.'
        : `The replica \`${pod}\` leads and knows how the workloads are: forward a port to that pod instead.`;
    return [{ key: 'role', grade: 'note', title: 'This replica stands by.', text }];
  }
  if (isWebhookProven) return [];
  const text =
    'It has not shown of late that new pods get what they ask for, and nothing is restarted before it does. Look at the pods and the log of the webhook, and at its webhook configuration.';
  return [{ key: 'webhook', grade: 'warn', title: 'The webhook is not proven.', text }];
}

const openBreaker = (
  { instrumentation, since, workload, reason, remedy }: OpenBreaker,
  now: number,
  summaryOf: (reason: string) => string,
): Banner => ({
  key: `breaker/${instrumentation}`,
  grade: 'bad',
  title: `Restarts for ${instrumentation} have stopped, ${ago(since, now)}.`,
  text: `${workload}: ${summaryOf(reason)} ${remedy}`,
});

const linkWords: Readonly<Record<LinkState, string>> = {
  opening: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
  resting: 'Resting',
};

export function showLink(state: LinkState): void {
  mark(found('link'), 'data-state', state);
  write(found('link-text'), linkWords[state]);
}

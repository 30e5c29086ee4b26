import type { Detail, Row } from '../../wire.ts';
import type { Store } from '../model/store.ts';
import { verdictWords } from '../model/words.ts';
import { explain } from './detail.ts';
import { element, found, foundAs, mark, write } from './elements.ts';

const againMs = 5_000;

/** One workload more closely: why it is as it is, what to do, and each of its pods. */
export class Panel {
  readonly #store: Store;
  readonly #dialog = foundAs('panel', HTMLDialogElement);
  readonly #body = found('panel-body');
  #key = '';
  #said = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store, onClose: (key: string) => void) {
    this.#store = store;
    this.#dialog.addEventListener('close', () => {
      const key = this.#key;
      this.#key = '';
      clearTimeout(this.#timer);
      onClose(key);
    });
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    found('panel-close').addEventListener('click', () => this.#dialog.close());
  }

  /** Shows another workload, or, with no key, none. */
  show(key: string): void {
    if (key === this.#key) return;
    if (key === '') {
      this.#dialog.close();
      return;
    }
    this.#key = key;
    this.#said = '';
    this.#body.replaceChildren();
    this.#head(this.#store.rows.get(key));
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#dialog.scrollTop = 0;
    void this.refresh();
  }

  /** Asks for the pods again, since they change more often than their workload. */
  async refresh(): Promise<void> {
    const key = this.#key;
    if (key === '') return;
    clearTimeout(this.#timer);
    const text = await ask(key);
    if (key !== this.#key) return;
    this.#timer = setTimeout(() => void this.refresh(), againMs);
    if (text === this.#said) return;
    this.#said = text;
    if (text === '') {
      this.#head(undefined);
      const gone = 'It is gone, or cannot be read right now.';
      this.#body.replaceChildren(element('p', { class: 'none' }, gone));
      return;
    }
    const detail = JSON.parse(text) as Detail;
    this.#head(detail.row);
    this.#body.replaceChildren(...explain(detail, this.#store.clock.now()));
  }

  #head(row: Row | undefined): void {
    const [kind = '', namespace = '', name = ''] = this.#key.split('/');
    write(found('panel-place'), `${kind} in ${namespace}`);
    write(found('panel-title'), name);
    const verdict = found('panel-verdict');
    if (row === undefined) {
      verdict.replaceChildren();
      return;
    }
    const badge = verdict.firstElementChild ?? element('span', { class: 'badge' });
    mark(badge, 'data-verdict', row.verdict);
    write(badge, verdictWords[row.verdict]);
    verdict.append(badge);
  }
}

/** Nothing where there is none, or nobody answers. */
async function ask(key: string): Promise<string> {
  try {
    const response = await fetch(`/workload.json?key=${encodeURIComponent(key)}`);
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

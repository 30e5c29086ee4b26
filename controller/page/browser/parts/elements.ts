type Child = Node | string | undefined;

/** Text stays text: nothing that comes from a cluster is ever read as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** One that the document was delivered with. */
export function found(id: string): HTMLElement {
  const there = document.getElementById(id);
  if (there === null) throw new Error(`the document lacks #${id}`);
  return there;
}

export function foundAs<T extends HTMLElement>(id: string, type: new () => T): T {
  const there = found(id);
  if (!(there instanceof type)) throw new Error(`#${id} is another element`);
  return there;
}

export function write(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node: Element, name: string, value: string | undefined): void {
  if (value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * Brings a node's children in order. Those that stay are not touched if they need not move, so that
 * whoever has the focus keeps it.
 */
export function arrange(parent: Element, wanted: readonly Element[]): void {
  const staying = new Set(wanted);
  const leaving = [...parent.children].filter((child) => !staying.has(child));
  for (const child of leaving) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/** Elements by key, made once and then brought up to date. */
export function keyed<T, E extends Element>(
  make: (key: string) => E,
  update: (one: E, item: T) => void,
): (items: readonly (readonly [key: string, item: T])[]) => readonly E[] {
  let known = new Map<string, E>();
  return (items) => {
    const next = new Map<string, E>();
    for (const [key, item] of items) {
      const one = known.get(key) ?? make(key);
      update(one, item);
      next.set(key, one);
    }
    known = next;
    return [...next.values()];
  };
}

/** What stands between backticks is a command or a name, to be taken as it is. */
export function prose(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const [index, part] of text.split('`').entries())
    fragment.append(index % 2 === 1 ? element('code', {}, part) : part);
  return fragment;
}

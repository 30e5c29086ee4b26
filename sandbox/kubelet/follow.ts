import { setTimeout as pause } from 'node:timers/promises';
import type { Api, KubeObject, Metadata } from '../api.ts';

interface Listener<T> {
  readonly signal: AbortSignal;
  readonly seen: (object: T) => void;
  /** It left the selection, which need not be the end of it. */
  readonly gone: (uid: string) => void;
}

const lookAgainMs = 200;

/** Follows a list for ever; resolves once it has been seen whole. What a broken watch hid is made up for. */
export async function follow<T extends { readonly metadata: Metadata }>(
  api: Api,
  path: string,
  { signal, seen, gone }: Listener<T>,
): Promise<void> {
  const present = new Set<string>();
  // What goes wrong in a listener is its own fault, and must not pass for a broken watch.
  const enter = (object: T) => {
    present.add(object.metadata.uid);
    queueMicrotask(() => seen(object));
  };
  const leave = (uid: string) => {
    present.delete(uid);
    queueMicrotask(() => gone(uid));
  };
  const list = async (): Promise<string> => {
    const { code, body } = await api.call<KubeObject & { items: readonly T[] }>('GET', path);
    if (code !== 200) throw new Error(`GET ${path}: ${code} ${body.message}`);
    const listed = new Set(body.items.map(({ metadata }) => metadata.uid));
    for (const uid of present) if (!listed.has(uid)) leave(uid);
    for (const object of body.items) enter(object);
    return body.metadata.resourceVersion;
  };
  const watch = async (from: string) => {
    const query = `${path.includes('?') ? '&' : '?'}resourceVersion=${from}`;
    for await (const { type, object } of api.watch<T>(`${path}${query}`, signal)) {
      if (type === 'ERROR') return;
      if (type === 'DELETED') leave(object.metadata.uid);
      else if (type !== 'BOOKMARK') enter(object);
    }
  };
  let from = await list();
  void (async () => {
    while (!signal.aborted) {
      try {
        await watch(from);
        from = await list();
      } catch {
        await pause(lookAgainMs);
      }
    }
  })();
}

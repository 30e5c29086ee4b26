import type { IncomingMessage } from 'node:http';
import { discover } from './verbs/discovery.ts';
import type { Fields } from './api.ts';
import type { Call, Target } from './objects/calls.ts';
import type { Thing } from './objects/json.ts';
import { noSuchResource, Refusal } from './objects/refusals.ts';
import { shown, shownList, viewOf } from './objects/views.ts';
import { remove, removeAll } from './verbs/deletes.ts';
import { get, list, watch, type Stream } from './verbs/reads.ts';
import { bind, finalize, readLog, type Tokens } from './verbs/subresources.ts';
import { create, patch, replace, type Desk } from './verbs/writes.ts';

export type Reply =
  | { readonly kind: 'json'; readonly code: number; readonly body: Fields }
  | { readonly kind: 'text'; readonly code: number; readonly text: string }
  | { readonly kind: 'stream'; readonly open: Stream }
  | { readonly kind: 'pipe'; readonly from: IncomingMessage };

export interface Office extends Desk {
  readonly tokens: Tokens;
}

const json = (body: Fields, code = 200): Reply => ({ kind: 'json', code, body });
const lost: Reply = { kind: 'text', code: 404, text: '404 page not found\n' };

/** Answers one call, whoever brought it. What is refused is an answer too. */
export async function answer(office: Office, call: Call): Promise<Reply> {
  try {
    return await route(office, call);
  } catch (error) {
    if (error instanceof Refusal) return json(error.status, error.code);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return json(new Refusal(500, 'InternalError', `the sandbox made a mistake: ${text}`).status, 500);
  }
}

async function route(office: Office, call: Call): Promise<Reply> {
  const path = call.url.pathname.replace(/\/$/, '');
  if (/^\/(?:readyz|livez|healthz)$/.test(path)) return { kind: 'text', code: 200, text: 'ok' };
  const target = targetOf(office, path);
  if (target === undefined) {
    const found = call.method === 'GET' ? discover(path, office.kinds.all) : undefined;
    return found === undefined ? lost : json(found);
  }
  if (target === 'none') throw noSuchResource();
  const reply = target.subresource === '' ? await ofObjects(office, target, call) : await ofSubresource(office, target, call);
  if (reply === undefined) throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', { details: {} });
  return reply;
}

/** Which objects a path names; `none` in a group we serve, undefined where there is no such group. */
function targetOf({ kinds }: Office, path: string): Target | 'none' | undefined {
  const found = /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/watch)?(?:\/namespaces\/(?<namespace>[^/]+)(?=\/(?!status$|finalize$)))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>[^/]+))?)?$/.exec(path)?.groups;
  if (found === undefined) return undefined;
  const { group = '', version = '', namespace = '', plural = '', name = '', sub = '' } = found;
  const kind = kinds.find(group, version, plural);
  if (kind === undefined) {
    const isOurs = kinds.all.some((one) => one.group === group && one.version === version && one.custom === undefined);
    return isOurs ? 'none' : undefined;
  }
  const isMisplaced = (namespace !== '' && !kind.namespaced) || (sub !== '' && !kind.subresources.includes(sub));
  return isMisplaced ? 'none' : { kind, namespace: decodeURIComponent(namespace), name: decodeURIComponent(name), subresource: sub };
}

const isWatch = ({ url }: Call) => ['true', '1'].includes(url.searchParams.get('watch') ?? '') || /\/watch\//.test(url.pathname);

async function ofObjects(office: Office, target: Target, call: Call): Promise<Reply | undefined> {
  const told = (thing: Thing, code = 200) => json(shown(target.kind, thing, viewOf(call.accept), office.now()), code);
  switch (`${call.method} ${target.name === '' ? 'all' : 'one'}`) {
    case 'GET all':
      return isWatch(call) ? { kind: 'stream', open: watch(office, target, call) } : json(await list(office, target, call));
    case 'GET one':
      return isWatch(call) ? { kind: 'stream', open: watch(office, target, call) } : json(get(office, target, call));
    case 'POST all':
      return told(await create(office, target, call), 201);
    case 'PUT one':
      return told(await replace(office, target, call));
    case 'PATCH one':
      return told(await patch(office, target, call));
    case 'DELETE one': {
      const left = await remove(office, target, call);
      return left['kind'] === 'Status' ? json(left) : told(left as Thing);
    }
    case 'DELETE all':
      return json(shownList(target.kind, await removeAll(office, target, call), { resourceVersion: String(office.store.version) }, { view: 'whole', now: office.now() }));
    default:
      return undefined;
  }
}

async function ofSubresource(office: Office, target: Target, call: Call): Promise<Reply | undefined> {
  const told = (thing: Thing) => json(shown(target.kind, thing, viewOf(call.accept), office.now()));
  switch (`${call.method} ${target.subresource}`) {
    case 'POST binding':
      return json(await bind(office, target, call), 201);
    case 'POST token':
      return json(office.tokens.issue(office, target, call), 201);
    case 'GET log':
      return { kind: 'pipe', from: await readLog(office, target, call) };
    case 'PUT finalize':
      return told(await finalize(office, target, call));
    case 'GET status':
      return json(get(office, target, call));
    case 'PUT status':
      return told(await replace(office, target, call));
    case 'PATCH status':
      return told(await patch(office, target, call));
    default:
      return undefined;
  }
}

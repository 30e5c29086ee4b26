import type { IncomingMessage } from 'node:http';
import type { Fields } from './api.ts';
import type { Call, Target } from './objects/calls.ts';
import type { Thing } from './objects/json.ts';
import { isCustom } from './objects/kinds.ts';
import { Refusal } from './objects/refusals.ts';
import { remove } from './verbs/deletes.ts';
import { discover } from './verbs/discovery.ts';
import { get, list, told } from './verbs/reads.ts';
import { bind, readLog } from './verbs/subresources.ts';
import type { Tokens } from './verbs/tokens.ts';
import { watch, type Stream } from './verbs/watches.ts';
import { create, finalize, patch, type Desk } from './verbs/writes.ts';

export type Reply =
  | { readonly kind: 'json'; readonly code: number; readonly body: Fields }
  | { readonly kind: 'text'; readonly code: number; readonly body: string }
  | { readonly kind: 'pipe'; readonly code: number; readonly from: IncomingMessage }
  | { readonly kind: 'stream'; readonly code: 200; readonly open: Stream };

export interface Office extends Desk {
  readonly tokens: Tokens;
}

/** Answers one call, whoever brought it. What is refused is an answer too. */
export async function answer(office: Office, call: Call): Promise<Reply> {
  try {
    return await route(office, call);
  } catch (error) {
    if (error instanceof Refusal) return refusal(error);
    return refusal(new Refusal(500, `the sandbox made a mistake: ${String(error)}`));
  }
}

export const refusal = ({ code, status }: Refusal): Reply => json(status, code);
const json = (body: Fields, code = 200): Reply => ({ kind: 'json', code, body });

async function route(office: Office, call: Call): Promise<Reply> {
  const path = call.url.pathname.replace(/\/$/, '');
  if (['/readyz', '/livez'].includes(path)) return { kind: 'text', code: 200, body: 'ok' };
  const target = targetOf(office, path);
  if (target === 'unknown')
    throw new Refusal(404, 'the server could not find the requested resource');
  if (target !== undefined) {
    const verb = `${call.method} ${target.subresource || (target.name === '' ? 'all' : 'one')}`;
    const reply = verbs[verb]?.(office, target, call);
    if (reply !== undefined) return reply;
    throw new Refusal(405, 'the server does not allow this method on the requested resource');
  }
  const about = discover(path, office.kinds.all);
  return about === undefined
    ? { kind: 'text', code: 404, body: '404 page not found\n' }
    : json(about);
}

const objectPath =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/(?!status$|finalize$)))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/;

/** Which objects a path names; `unknown` in a group of ours, undefined where there is no such group. */
function targetOf({ kinds }: Office, path: string): Target | 'unknown' | undefined {
  const found = objectPath.exec(path)?.groups;
  if (found === undefined) return undefined;
  const { group = '', version = '', namespace = '', plural = '' } = found;
  const { name = '', subresource = '' } = found;
  const served = kinds.all.filter((one) => one.group === group && one.version === version);
  const kind = served.find((one) => one.plural === plural);
  const isOurs = served.some((one) => !isCustom(one));
  if (kind === undefined) return isOurs ? 'unknown' : undefined;
  const isMisplaced = namespace !== '' && !kind.namespaced;
  if (isMisplaced || (subresource !== '' && !kind.subresources.includes(subresource)))
    return 'unknown';
  return { kind, namespace, name: decodeURIComponent(name), subresource };
}

type Verb = (office: Office, target: Target, call: Call) => Promise<Reply>;

/** The object that comes of it, as the client wants it told. */
const write =
  (verb: (office: Office, target: Target, call: Call) => Promise<Thing>, code = 200): Verb =>
  async (office, target, call) =>
    json(told(office, target.kind, await verb(office, target, call), call.accept), code);

const read =
  (verb: (office: Office, target: Target, call: Call) => Fields): Verb =>
  async (office, target, call) =>
    /^(?:true|1)$/.test(call.url.searchParams.get('watch') ?? '')
      ? { kind: 'stream', code: 200, open: watch(office, target, call) }
      : json(verb(office, target, call));

const verbs: Readonly<Record<string, Verb>> = {
  'GET all': read(list),
  'GET one': read(get),
  'POST all': write(create, 201),
  'PUT finalize': write(finalize),
  'PATCH one': write(patch),
  'PATCH status': write(patch),
  'DELETE one': async (office, target, call) => json(await remove(office, target, call)),
  'POST binding': async (office, target, call) => json(bind(office, target, call), 201),
  'POST token': async (office, target, call) =>
    json(office.tokens.issue(office, target, call), 201),
  'GET log': async (office, target, call) => {
    const from = await readLog(office, target, call);
    if (from === undefined) return { kind: 'text', code: 204, body: '' };
    return { kind: 'pipe', code: from.statusCode ?? 502, from };
  },
};

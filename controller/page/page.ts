import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Settings } from '../../config/settings.ts';
import { machineTime, type Time } from '../kube/pace.ts';
import type { Log } from '../log.ts';
import { Audience, type AudienceLimits } from './audience.ts';
import { createBoard, type Board } from './board.ts';
import { detailOf } from './detail.ts';
import { page } from './document.ts';
import { openServer, text, type Answer, type Opened, type Route } from './server.ts';
import type { Sources } from './sight.ts';

export interface PageOptions {
  readonly address: string | undefined;
  /** 0 takes any free port. */
  readonly port: number;
  readonly sources: Sources;
  readonly time: Time;
  readonly onFailure: (path: string, error: unknown) => void;
  readonly limits?: Partial<AudienceLimits> | undefined;
}

/** Opens the page where somebody asks for it, and where there is something to show: a controller. */
export async function openIfAsked(
  sources: Sources | undefined,
  { pagePort: port, bindAddress: address }: Pick<Settings, 'pagePort' | 'bindAddress'>,
  log: Log,
): Promise<Opened | undefined> {
  if (sources === undefined || port === undefined) return undefined;
  const onFailure = (path: string, cause: unknown) => log.error('page failed', { path, cause });
  return openPage({ address, port, sources, time: machineTime, onFailure });
}

/** Opens the status page: it reads what the loop knows, and can change nothing. */
export async function openPage(options: PageOptions): Promise<Opened> {
  const { address, port, sources, time, onFailure, limits } = options;
  const board = createBoard(sources, Math.floor(time.wall()).toString(36));
  const fail = (error: unknown) => onFailure('/events', error);
  const audience = new Audience({ board, time, onFailure: fail, limits });
  const routes: Readonly<Record<string, Route>> = {
    '/': () => ({ code: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page }),
    '/state.json': overviewOf(board, audience, time),
    '/workload.json': ({ query }) => detail(query.get('key') ?? '', sources),
    '/events': ({ query, lastHeard }) =>
      audience.isFull
        ? text(503, 'Too many listen already. Read /state.json.\n', { 'retry-after': '10' })
        : { listen: (response) => audience.join(response, lastHeard ?? query.get('after') ?? '') },
  };
  const server = await openServer({ address, port, routes, onFailure });
  return {
    port: server.port,
    close: async () => {
      await audience.close();
      await server.close();
    },
  };
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const squeeze = promisify(gzip);

/** Whoever comes within the same second gets the same bytes, so that a crowd costs no more than one. */
const freshMs = 1_000;

function overviewOf(board: Board, audience: Audience, time: Time): Route {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let overview = '';
  let squeezed: Promise<Buffer> | undefined;
  return async ({ acceptsGzip }): Promise<Answer> => {
    if (time.now() - lookedAt >= freshMs) {
      // Those who listen are told what changes, so nothing may change behind their back.
      if (audience.size === 0) board.refresh();
      lookedAt = time.now();
      overview = board.overview();
      squeezed = undefined;
    }
    if (!acceptsGzip) return { code: 200, headers: json, body: overview };
    squeezed ??= squeeze(overview, { level: 4 });
    return { code: 200, headers: { ...json, 'content-encoding': 'gzip' }, body: await squeezed };
  };
}

function detail(key: string, sources: Sources): Answer {
  const found = detailOf(key, sources);
  if (found === undefined) return text(404, 'No such workload is known here.\n');
  return { code: 200, headers: json, body: JSON.stringify(found) };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A real browser, spoken to by the DevTools protocol. */
export interface Chromium {
  newTab(size?: Size): Promise<Tab>;
  close(): Promise<void>;
}

export interface Size {
  readonly width: number;
  readonly height: number;
  readonly scale?: number;
}

type Json = Readonly<Record<string, unknown>>;

export interface Spent {
  readonly all: number;
  /** On script, style and layout. */
  readonly drawing: number;
  /** How often it has looked at what it looks like. */
  readonly rounds: number;
}

export interface Tab {
  readonly send: (method: string, params?: Json) => Promise<Json>;
  /** What was said in the console, and what was refused or thrown. */
  readonly complaints: () => readonly string[];
  readonly goto: (url: string) => Promise<void>;
  /** The value of an expression in the page; a promise is waited for. */
  readonly value: <T>(expression: string) => Promise<T>;
  /** Waits until an expression is true. */
  readonly until: (expression: string) => Promise<void>;
  readonly press: (key: string) => Promise<void>;
  readonly type: (text: string) => Promise<void>;
  /** Milliseconds that the page has computed, whoever else computes on the machine. */
  readonly spent: () => Promise<Spent>;
  readonly scheme: (scheme: 'light' | 'dark') => Promise<void>;
  readonly screenshot: () => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

const env = process.env;
const cache =
  env['RETROFIT_CACHE'] ??
  join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'otel-retrofit');
const place = join(cache, 'chromium');

/** Debian's, unpacked into the cache by `.ci/run` or `test/browser/unpack.sh`, or one that is named. */
const program = env['RETROFIT_CHROMIUM'] ?? join(place, 'usr/lib/chromium/chromium-headless-shell');

export async function startChromium(): Promise<Chromium> {
  if (!existsSync(program))
    throw new Error(`There is no Chromium at ${program}: run test/browser/unpack.sh.`);
  const profile = mkdtempSync(join(tmpdir(), 'retrofit-chromium-'));
  const child = spawn(program, flags(profile), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: surroundings(profile),
  });
  const exited = once(child, 'exit');
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const close = async () => {
    child.kill();
    await exited;
    process.off('exit', end);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const wire = await Wire.open(await addressOf(child));
    return {
      newTab: (size) => openTab(wire, size),
      close: async () => {
        wire.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const flags = (profile: string) => [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--font-render-hinting=none',
  '--remote-debugging-port=0',
  `--user-data-dir=${profile}`,
  'about:blank',
];

/** Its libraries lie beside it; its fonts are those of the machine and those that were unpacked. */
function surroundings(profile: string): NodeJS.ProcessEnv {
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'].flatMap((path) => [
    join(place, path),
    join(place, path, 'pulseaudio'),
  ]);
  const fonts = join(profile, 'fonts.conf');
  mkdirSync(profile, { recursive: true });
  writeFileSync(fonts, fontsConf);
  return {
    ...env,
    HOME: profile,
    LD_LIBRARY_PATH: libraries.join(':'),
    FONTCONFIG_FILE: fonts,
  };
}

const preferring = (family: string, first: string) =>
  `<match target="pattern"><test name="family"><string>${family}</string></test><edit name="family" mode="prepend" binding="strong"><string>${first}</string></edit></match>`;

const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>/usr/share/fonts</dir>
<dir>${join(place, 'usr/share/fonts')}</dir>
<cachedir prefix="xdg">fontconfig</cachedir>
${preferring('system-ui', 'Inter')}
${preferring('sans-serif', 'Inter')}
${preferring('monospace', 'JetBrains Mono')}
</fontconfig>
`;

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('Chromium says nothing');
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    const found = /^DevTools listening on (?<address>ws:\S+)$/.exec(line);
    if (found?.groups?.['address'] !== undefined) {
      child.stderr.resume();
      return found.groups['address'];
    }
    lines.push(line);
  }
  throw new Error(`Chromium did not start: ${lines.join('\n')}`);
}

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
}

/** One connection for all tabs. */
class Wire {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Json>>();
  readonly #ears = new Map<string, (method: string, params: Json) => void>();
  #last = 0;

  static async open(address: string): Promise<Wire> {
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new Wire(socket);
  }

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) =>
      this.#hear(JSON.parse(String(data)) as Message),
    );
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium is gone'));
    });
  }

  listen(session: string, ear: (method: string, params: Json) => void): void {
    this.#ears.set(session, ear);
  }

  async send(method: string, params: Json, sessionId?: string): Promise<Json> {
    const id = (this.#last += 1);
    const waiting = Promise.withResolvers<Json>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
    return waiting.promise;
  }

  close(): void {
    this.#socket.close();
  }

  #hear({ id, sessionId, method, params, result, error }: Message): void {
    if (id === undefined) {
      if (sessionId !== undefined && method !== undefined)
        this.#ears.get(sessionId)?.(method, params ?? {});
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result ?? {});
  }
}

const usualSize: Size = { width: 1440, height: 900 };

async function openTab(wire: Wire, size: Size = usualSize): Promise<Tab> {
  const { targetId } = await wire.send('Target.createTarget', { url: 'about:blank' });
  const attached = await wire.send('Target.attachToTarget', { targetId, flatten: true });
  const session = String(attached['sessionId']);
  const send = (method: string, params: Json = {}) => wire.send(method, params, session);
  const complaints: string[] = [];
  let loaded: PromiseWithResolvers<void> = Promise.withResolvers();
  wire.listen(session, (method, params) => {
    const complaint = complaintIn(method, params);
    if (complaint !== undefined) complaints.push(complaint);
    if (method === 'Page.loadEventFired') loaded.resolve();
  });
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  const { width, height, scale: deviceScaleFactor = 1 } = size;
  const metrics = { width, height, deviceScaleFactor, mobile: false };
  await send('Emulation.setDeviceMetricsOverride', metrics);
  await send('Performance.enable', { timeDomain: 'threadTicks' });
  const value = async <T>(expression: string): Promise<T> => {
    const evaluated = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await send('Runtime.evaluate', evaluated);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { readonly value: T }).value;
  };
  return {
    send,
    complaints: () => complaints,
    value,
    goto: async (url) => {
      loaded = Promise.withResolvers();
      await send('Page.navigate', { url });
      await loaded.promise;
    },
    until: async (expression) => {
      const isSo = await value<boolean>(waiting(expression));
      if (!isSo) throw new Error(`never became true: ${expression}`);
    },
    press: async (key) => {
      for (const type of ['keyDown', 'keyUp'])
        await send('Input.dispatchKeyEvent', keyEvent(type, key));
    },
    type: async (text) => {
      await send('Input.insertText', { text });
    },
    spent: async () => spentIn(await send('Performance.getMetrics')),
    scheme: async (scheme) => {
      const features = [{ name: 'prefers-color-scheme', value: scheme }];
      await send('Emulation.setEmulatedMedia', { features });
    },
    screenshot: async () => {
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(String(data), 'base64');
    },
    close: async () => {
      await wire.send('Target.closeTarget', { targetId });
    },
  };
}

/** In the page itself, at each picture it draws. */
const waiting = (expression: string) => `new Promise((resolve) => {
  const end = performance.now() + 20000;
  const look = () => {
    if (${expression}) resolve(true);
    else if (performance.now() > end) resolve(false);
    else setTimeout(look, 20);
  };
  look();
})`;

function spentIn({ metrics }: Json): Spent {
  const list = metrics as readonly { readonly name: string; readonly value: number }[];
  const told = new Map(list.map(({ name, value }) => [name, value * 1_000]));
  const drawing = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];
  return {
    all: told.get('TaskDuration') ?? Number.NaN,
    drawing: drawing.reduce((sum, name) => sum + (told.get(name) ?? Number.NaN), 0),
    rounds: (told.get('RecalcStyleCount') ?? Number.NaN) / 1_000,
  };
}

const codes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  PageUp: 33,
  PageDown: 34,
  End: 35,
  Home: 36,
  ArrowUp: 38,
  ArrowDown: 40,
};

function keyEvent(type: string, key: string): Json {
  const code = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0 };
  return key === 'Enter' ? { type, ...code, text: '\r' } : { type, ...code };
}

function complaintIn(method: string, params: Json): string | undefined {
  if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
    return JSON.stringify(params);
  if (method !== 'Runtime.consoleAPICalled') return undefined;
  return ['error', 'warning', 'assert'].includes(String(params['type']))
    ? JSON.stringify(params)
    : undefined;
}

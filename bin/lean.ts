import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, PluginBuild } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Leaves out of the bundle what nothing here asks for: a fifth of the memory that the program would
 * hold when idle, and a third of the time that it would take to start.
 */
export const lean: Plugin = {
  name: 'lean',
  setup: (build) => {
    takeBuiltins(build);
    trimClient(build);
    trimUndici(build);
  },
};

/** What undici looks for to leave out its second parser, as it does in Node itself. */
export const leanDefinitions = { esbuildDetection: 'true' };

/**
 * To import a module of Node evaluates every export of it, also those that it would load when they
 * are first used: `node:http` brings an undici of its own, `node:util` the worker threads. To ask for
 * a member does not, and members that nobody asks for are dropped.
 */
function takeBuiltins(build: PluginBuild): void {
  const names = builtinModules.map((name) => name.replace(/^node:/, ''));
  const filter = new RegExp(`^(?:node:)?(?:${names.join('|')})$`);
  build.onResolve({ filter }, ({ path, kind }) =>
    kind === 'import-statement'
      ? { path: path.replace(/^(?:node:)?/, 'node:'), namespace: 'builtin', sideEffects: false }
      : undefined,
  );
  build.onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({ contents: wrapped(path) }));
}

function wrapped(path: string): string {
  const members = Object.keys(process.getBuiltinModule(path) ?? {});
  return [
    `const module = process.getBuiltinModule('${path}');`,
    'const member = (name) => module[name];',
    'export default module;',
    ...members
      .filter((name) => name !== 'default')
      .map((name) => `export const ${name} = /* @__PURE__ */ member('${name}');`),
  ].join('\n');
}

const client = '@kubernetes/client-node';

/** By a proxy go only our own requests, in our own way. */
const proxies = /^(?:hpagent|socks|socks-proxy-agent)$/;

/** Of the client we take what reads a kubeconfig; it does not say that its hundreds of models may go. */
function trimClient(build: PluginBuild): void {
  leaveOut(build, proxies, ['SocksProxyAgent', 'SocksClient', 'HttpProxyAgent', 'HttpsProxyAgent']);
  const isWithin = /[\\/]@kubernetes[\\/]client-node[\\/]dist[\\/]/;
  build.onResolve({ filter: new RegExp(`^${client}$`) }, ({ kind, resolveDir }) =>
    build.resolve(`${client}/dist/config.js`, { kind, resolveDir }),
  );
  // Its imports name whole files: to have each looked for would read its largest folders every time.
  build.onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, resolveDir }) =>
    isWithin.test(importer) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
  );
}

/** Of undici we take what carries a request: neither `fetch` nor caches, mocks and web sockets. */
function trimUndici(build: PluginBuild): void {
  leaveOut(build, /\/client-h2\.js$/);
  build.onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'trimmed' }));
  build.onLoad({ filter: /^/, namespace: 'trimmed' }, () => ({
    resolveDir: root,
    contents: [
      "const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');",
      "Dispatcher.prototype.request = require('undici/lib/api/api-request.js');",
      "Dispatcher.prototype.connect = require('undici/lib/api/api-connect.js');",
      "exports.Agent = require('undici/lib/dispatcher/agent.js');",
      "const ProxyAgent = () => require('undici/lib/dispatcher/proxy-agent.js');",
      "Object.defineProperty(exports, 'ProxyAgent', { get: ProxyAgent });",
    ].join('\n'),
  }));
}

/** In place of each module stands one that knows the names alone. */
function leaveOut(build: PluginBuild, filter: RegExp, members: readonly string[] = []): void {
  const namespace = `without ${filter.source}`;
  build.onResolve({ filter }, ({ path }) => ({ path, namespace }));
  build.onLoad({ filter: /^/, namespace }, () => ({
    contents: members.map((name) => `export const ${name} = undefined;`).join('\n'),
  }));
}

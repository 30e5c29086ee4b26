import { isObject, listAt, member, textAt, type JsonObject } from '../../json.ts';

/** What a container seems to run. */
export interface Guess {
  readonly runtime: string;
  /** What it was told by, the strongest sign first. */
  readonly signs: readonly string[];
}

interface Signs {
  readonly program?: RegExp;
  readonly argument?: RegExp;
  readonly variable?: RegExp;
  readonly image?: RegExp;
}

/** By the name of the language, where there is an agent for it. */
const runtimes: Readonly<Record<string, Signs>> = {
  java: {
    program: /^(?:java|catalina\.sh|mvn|gradle)$/,
    argument: /^-jar$|\.(?:jar|war)$/,
    variable: /^(?:JAVA_OPTS|JDK_JAVA_OPTIONS|CATALINA_OPTS|SPRING_\w+)$/,
    image: /temurin|openjdk|corretto|zulu|jetty|tomcat|wildfly|payara|quarkus|spring|keycloak/,
  },
  nodejs: {
    program: /^(?:node|npm|npx|yarn|pnpm|pm2|nodemon|ts-node|next)$/,
    argument: /\.[cm]?js$/,
    variable: /^(?:NODE_ENV|NPM_CONFIG_\w+)$/,
    image: /(?:^|[/-])node(?:js)?(?:[-:@]|$)|nestjs|nextjs/,
  },
  python: {
    program:
      /^(?:python[\d.]*|gunicorn|uvicorn|hypercorn|daphne|flask|celery|uwsgi|streamlit|poetry|pipenv)$/,
    argument: /\.py$/,
    variable: /^(?:PYTHONUNBUFFERED|DJANGO_SETTINGS_MODULE|FLASK_APP|GUNICORN_CMD_ARGS)$/,
    image: /(?:^|[/-])python(?:[-:@]|$)|django|fastapi|airflow|jupyter/,
  },
  dotnet: {
    program: /^dotnet$/,
    argument: /\.dll$/,
    variable: /^(?:ASPNETCORE_\w+|DOTNET_ENVIRONMENT)$/,
    image: /dotnet\/(?:aspnet|runtime)|aspnet/,
  },
  go: { variable: /^(?:GOMAXPROCS|GOMEMLIMIT|GODEBUG|GIN_MODE)$/, image: /(?:^|\/)golang/ },
  'apache-httpd': { program: /^(?:httpd|apache2|httpd-foreground)$/, image: /(?:^|\/)httpd/ },
  nginx: { program: /^nginx$/, image: /(?:^|\/)nginx/ },
  PHP: { program: /^(?:php|php-fpm\S*)$/, argument: /^artisan$|\.php$/, image: /(?:^|\/)php/ },
  Ruby: { program: /^(?:ruby|bundle|puma|rails)$/, argument: /\.rb$/, image: /(?:^|\/)ruby/ },
  Deno: { program: /^deno$/, image: /deno/ },
  Bun: { program: /^bunx?$/, image: /(?:^|\/)bun/ },
  Erlang: { program: /^(?:erl|elixir|mix)$/, image: /erlang|elixir/ },
};

const weights = { program: 3, argument: 3, variable: 3, image: 2 } as const;

/** A sign has this much weight before anything is said. */
const enough = 3;

/** What a container runs, where its signs are strong and none speaks for the one expected. */
export function guessAgainst(expected: string, container: JsonObject): Guess | undefined {
  const clues = cluesIn(container);
  const found = Object.entries(runtimes).map(([runtime, signs]) => ({
    runtime,
    ...weigh(signs, clues),
  }));
  const [best] = found.toSorted((one, other) => other.weight - one.weight);
  const hoped = found.find(({ runtime }) => runtime === expected);
  if (best === undefined || best.runtime === expected) return undefined;
  const isSure = best.weight >= enough && (hoped?.weight ?? 0) < best.weight;
  return isSure ? { runtime: best.runtime, signs: best.signs } : undefined;
}

/** Whether there is a sign of anything but an image: one alone is never enough. */
export function mayBeGuessed(container: JsonObject): boolean {
  const clues = { ...cluesIn(container), image: undefined };
  return Object.values(runtimes).some((signs) => weigh(signs, clues).weight > 0);
}

interface Clues {
  readonly program: string;
  readonly words: readonly string[];
  readonly variables: readonly string[];
  readonly image: string | undefined;
}

function cluesIn(container: JsonObject): Clues {
  const words = commandOf(container);
  return {
    program: programOf(words),
    words,
    variables: (listAt(container, 'env') ?? [])
      .filter(isObject)
      .flatMap((entry) => textAt(entry, 'name') ?? []),
    image: textAt(container, 'image'),
  };
}

function weigh(signs: Signs, { program, words, variables, image }: Clues) {
  const seen = {
    program,
    argument: words.find((word) => signs.argument?.test(word)),
    variable: variables.find((name) => signs.variable?.test(name)),
    image,
  };
  const hits = (['program', 'argument', 'variable', 'image'] as const).filter((kind) =>
    signs[kind]?.test(seen[kind] ?? ''),
  );
  return {
    weight: hits.reduce((sum, kind) => sum + weights[kind], 0),
    signs: hits.map((kind) => `${kind} ${seen[kind] ?? ''}`),
  };
}

/**
 * The option with which Python is started without its variables, or without the module that it would
 * load first. What follows `-c` and `-m` is not for Python, nor is what `-W` and `-X` take.
 */
export function isolationIn(container: JsonObject): string | undefined {
  const words = commandOf(container);
  const start = words.findIndex((word) => /(?:^|\/)python[\d.]*$/.test(word)) + 1;
  if (start === 0) return undefined;
  for (let at = start; words[at]?.startsWith('-') === true; at += 1) {
    const [word = '', letters = '', last, rest] =
      /^-([a-zA-Z]*?)(?:([cmWX])(.*))?$/.exec(words[at] ?? '') ?? [];
    if (/[IES]/.test(letters)) return word;
    if (last === 'c' || last === 'm') return undefined;
    if (last !== undefined && rest === '') at += 1;
  }
  return undefined;
}

/** A shell's line is read as the words in it. */
function commandOf(container: JsonObject): readonly string[] {
  const words = ['command', 'args'].flatMap((key) =>
    (listAt(container, key) ?? []).filter((word) => typeof word === 'string'),
  );
  const isShell = /(?:^|\/)(?:ba|da|a)?sh$/.test(words[0] ?? '');
  return isShell ? words.slice(1).flatMap((word) => word.split(/[\s;&|]+/)) : words;
}

const wrappers = /^(?:exec|env|tini|dumb-init|--|-\w+|\w+=.*)$/;

function programOf(words: readonly string[]): string {
  const program = words.find((word) => word !== '' && !wrappers.test(word.replace(/^.*\//, '')));
  return (program ?? '').replace(/^.*\//, '');
}

/** Of a container by its name. */
export const containerIn = (spec: JsonObject, name: string): JsonObject | undefined =>
  [...(listAt(spec, 'containers') ?? []), ...(listAt(spec, 'initContainers') ?? [])]
    .filter(isObject)
    .find((container) => member(container, 'name') === name);

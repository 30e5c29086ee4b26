/**
 * Whatever somebody wants logged, as JSON that is small, finite and free of secrets. A secret is
 * known by the name it stands under, and in text by its form: so a field that holds the name of a
 * Secret is called `secretName`, never `secret`.
 */
export function plain(value: unknown): unknown {
  return plainAt(value, []);
}

export const redacted = '[redacted]';

const deepest = 6;
const deepestCause = 5;
const mostMembers = 64;
const longestText = 8192;

const secretNames = new Set(['authorization', 'proxyauthorization', 'cookie', 'setcookie']);
/** Members of environment entries, Secrets and ConfigMaps: what they hold is never ours to tell. */
const contentNames = new Set(['value', 'values', 'env', 'environment', 'data', 'stringdata']);
const secretEnding =
  /(?:token|password|passwd|passphrase|secret|credential|privatekey|clientkey|apikey|accesskey)s?(?:data)?$/;

/** Statements and numbers of things are no secrets; nothing else beneath such a name is shown. */
function isSecret(name: string, value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return false;
  const letters = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return secretNames.has(letters) || contentNames.has(letters) || secretEnding.test(letters);
}

function plainAt(value: unknown, within: readonly object[]): unknown {
  if (typeof value === 'string') return masked(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  return typeof value === 'object' && value !== null ? plainObject(value, within) : value;
}

function plainObject(value: object, within: readonly object[]): unknown {
  if (within.includes(value)) return '[circular]';
  if (within.length >= deepest) return '[deeper]';
  const inside = [...within, value];
  if (value instanceof Error) return plainError(value, inside);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (value instanceof URL) return masked(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return members([...value], inside);
  const list = value instanceof Set ? [...value] : value;
  if (Array.isArray(list)) return list.slice(0, mostMembers).map((item) => plainAt(item, inside));
  return members(readable(value), inside);
}

function members(entries: readonly (readonly [unknown, unknown])[], within: readonly object[]) {
  const shown = entries.slice(0, mostMembers).map(([key, member]) => {
    const name = String(key);
    return [name, isSecret(name, member) ? redacted : plainAt(member, within)] as const;
  });
  return Object.fromEntries(shown);
}

/** A getter may throw, and a line in the log must not. */
function readable(value: object): [string, unknown][] {
  return Object.keys(value).map((key) => {
    try {
      return [key, (value as Record<string, unknown>)[key]];
    } catch {
      return [key, '[unreadable]'];
    }
  });
}

/**
 * An error with what led to it. Of what others have hung onto it only single values are taken:
 * client libraries attach whole requests, headers and all.
 */
function plainError(error: Error, within: readonly object[]): unknown {
  const own = readable(error).filter(
    ([name, member]) => name !== 'name' && typeof member !== 'object',
  );
  const { cause } = error;
  const errors: unknown = error instanceof AggregateError ? error.errors : undefined;
  return {
    type: error.name,
    message: masked(error.message),
    ...members(own, within),
    stack: masked(error.stack ?? ''),
    ...(cause === undefined || within.length >= deepestCause ? {} : { cause: led(cause, within) }),
    ...(Array.isArray(errors) ? { errors: errors.slice(0, 8).map((one) => led(one, within)) } : {}),
  };
}

/** What is thrown need not be an error. */
const led = (cause: unknown, within: readonly object[]) =>
  cause instanceof Error || typeof cause !== 'object' ? plainAt(cause, within) : '[object]';

const forms: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,20}-----|$)/g, redacted],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, redacted],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, `$1 ${redacted}`],
  [/([a-z][a-z0-9+.-]{1,15}:\/\/)[^\s/@]{1,256}@/gi, `$1${redacted}@`],
  [/\b(\w{0,32}(?:password|passwd|secret|token|api_?key))=[^\s&,;]+/gi, `$1=${redacted}`],
];

/** What every one of these forms has in it: most texts have none of it. */
const suspicious = /[=@]|eyJ|-----|(?:bearer|basic) /i;

function masked(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}[cut]` : text;
  if (!suspicious.test(short)) return short;
  return forms.reduce((masking, [form, mask]) => masking.replaceAll(form, mask), short);
}

import { isIP } from 'node:net';

/** Reads a value as it was written; `undefined` when it is not allowed, and `allowed` says what is. */
export interface Parser<T> {
  readonly allowed: string;
  readonly parse: (text: string) => T | undefined;
}

export function wholeNumber(least: number, most: number): Parser<number> {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    parse: (text) => {
      const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return {
    allowed: choices.join(' or '),
    parse: (text) => choices.find((choice) => choice === text),
  };
}

export const yesOrNo: Parser<boolean> = {
  allowed: 'true or false',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
};

export const address: Parser<string> = {
  allowed: 'an IP address',
  parse: (text) => (isIP(text) === 0 ? undefined : text),
};

/** Repository, tag and digest; the registry's own rules are the kubelet's to apply. */
const reference =
  /^[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?$/i;

export const image: Parser<string> = {
  allowed: 'the name of an image, such as registry.example.com/agents/java:2.30.0',
  parse: (text) => (text.length <= 512 && reference.test(text) ? text : undefined),
};

export const path: Parser<string> = {
  allowed: 'a path',
  parse: (text) => (text.trim() === '' || text.includes('\0') ? undefined : text),
};

export const word: Parser<string> = {
  allowed: 'a name',
  parse: (text) => (text.trim() === '' ? undefined : text),
};

export const label: Parser<string> = {
  allowed: 'lower-case letters, digits and hyphens, at most 63',
  parse: (text) => (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(text) ? text : undefined),
};

export const objectName: Parser<string> = {
  allowed: 'lower-case letters, digits, hyphens and dots, at most 253',
  parse: (text) =>
    text.length <= 253 &&
    /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(text)
      ? text
      : undefined,
};

export const labels: Parser<readonly string[]> = {
  allowed: 'names of namespaces, separated by commas',
  parse: (text) => {
    const names = text.split(',').map((name) => name.trim());
    return names.every((name) => label.parse(name) !== undefined) ? names : undefined;
  },
};

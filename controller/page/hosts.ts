import { isIP } from 'node:net';

/**
 * Whether a request was meant for us. A page elsewhere can have its own name lead to our address and
 * then read what we answer; it cannot take an address, nor a name that only the cluster gives.
 */
export function isMeantForUs(host: string | undefined): boolean {
  const name = /^(?:\[(?<six>[^\]]+)\]|(?<plain>[^:]+))(?::\d{1,5})?$/.exec(host ?? '')?.groups;
  if (name?.['six'] !== undefined) return isIP(name['six']) === 6;
  const plain = name?.['plain']?.toLowerCase() ?? '';
  return isIP(plain) === 4 || ours.some((pattern) => pattern.test(plain));
}

const ours = [
  /^localhost$/,
  /^[a-z0-9-]+\.localhost$/,
  // A Service within its namespace: no public name has a single label.
  /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
  /^[a-z0-9-]+\.[a-z0-9-]+\.svc(?:\.cluster\.local)?$/,
];

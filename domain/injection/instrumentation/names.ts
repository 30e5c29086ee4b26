const dnsSubdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** A name may be long without a dot: unlike a label's, its parts know no limit of their own. */
export const isObjectName = (name: string) => name.length <= 253 && dnsSubdomain.test(name);

/** The key of a label or an annotation: a name, with or without a domain before it. */
export function isQualifiedName(key: string): boolean {
  const [name = '', domain, ...others] = key.split('/').toReversed();
  return (
    namePart.test(name) && others.length === 0 && (domain === undefined || isObjectName(domain))
  );
}

/** Since Kubernetes 1.32 a variable may be called anything that is printed, but for the sign behind it. */
export const isVariableName = (name: string) => /^[\x20-\x3c\x3e-\x7e]+$/.test(name);

export const isLabelValue = (value: unknown) =>
  typeof value === 'string' && (value === '' || namePart.test(value));

const component = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const host = `(?:${component}(?:\\.${component})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const path = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${host}/)?(?<name>${path}(?:/${path})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>[^@]+))?$`,
);
const digest = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** A host can be 260 characters long, a path 255, a tag 128, a digest 135; longer text is no image. */
const longest = 781;

/** The version that an image reference states: its tag, its digest, or both. */
export function imageVersion(image: string): string | undefined {
  if (image.length > longest) return undefined;
  const found = reference.exec(image)?.groups;
  const name = found?.['name'];
  if (name === undefined || name.length > 255 || /^[a-f0-9]{64}$/.test(image)) return undefined;
  const hash = found?.['digest'];
  if (hash !== undefined && !digest.test(hash)) return undefined;
  const parts = [found?.['tag'], hash].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('@');
}

import { X509Certificate } from 'node:crypto';
import type { Authority } from '../../domain/diagnose/cluster.ts';
import { isObject, listAt, objectAt, textAt, type JsonObject } from '../../domain/json.ts';

/** What the webhook's certificate says, where both it and its authority were read. */
export function authorityIn(
  secret: JsonObject | undefined,
  configurations: readonly JsonObject[],
): Authority | undefined {
  const serving = parsed(decoded(secret, 'tls.crt'))[0];
  if (serving === undefined) return undefined;
  const bundles = configurations
    .flatMap((json) => (listAt(json, 'webhooks') ?? []).filter(isObject))
    .filter((webhook) => textAt(webhook, 'name') === 'pods.otel-retrofit.dev')
    .flatMap((webhook) => textAt(objectAt(webhook, 'clientConfig') ?? {}, 'caBundle') ?? []);
  const trusted = bundles.flatMap((bundle) => parsed(fromBase64(bundle)));
  return {
    validFrom: seconds(serving.validFrom),
    expiresAt: seconds(serving.validTo),
    isTrusted: trusted.some((one) => isSignedBy(serving, one)),
  };
}

const seconds = (text: string) => Math.floor(Date.parse(text) / 1_000);

const isSignedBy = (serving: X509Certificate, one: X509Certificate) =>
  serving.checkIssued(one) && serving.verify(one.publicKey);

const decoded = (secret: JsonObject | undefined, key: string) =>
  fromBase64(textAt(objectAt(secret ?? {}, 'data') ?? {}, key) ?? '');

const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString();

/** What is no certificate is passed over: whoever reads the Secret has said so already. */
function parsed(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

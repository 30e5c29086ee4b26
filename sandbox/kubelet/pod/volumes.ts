import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { V1KeyToPath, V1Volume, V1VolumeProjection } from '@kubernetes/client-node';
import type { Api, KubeObject } from '../../api.ts';
import { fieldOf, referencesOf, titleOf, type Reference, type Sources } from './environment.ts';
import type { Container, Facts, Pod, Values } from './shapes.ts';

/** A pod that has a place, and where its references are looked up. */
export interface Reader {
  readonly api: Api;
  readonly pod: Pod;
  readonly facts: Facts;
}

/** Reads what the variables of a container refer to. */
export async function sourcesOf(container: Container, reader: Reader): Promise<Sources> {
  const objects = new Map<string, Values>();
  for (const reference of referencesOf(container)) {
    const found = await read(reference, reader);
    if (found !== undefined) objects.set(titleOf(reference), found);
  }
  return { objects, pod: reader.pod, facts: reader.facts };
}

/** Makes the directory of a volume, with its files; fails while something it needs is not there. */
export async function fillVolume(volume: V1Volume, reader: Reader, home: string): Promise<string> {
  if (volume.hostPath) return volume.hostPath.path;
  const directory = join(home, 'volumes', volume.name);
  await mkdir(directory, { recursive: true });
  for (const source of volume.projected?.sources ?? [volume]) {
    for (const [path, text] of await filesOf(source, reader)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
  }
  return directory;
}

interface Chosen {
  readonly name?: string;
  readonly secretName?: string;
  readonly optional?: boolean;
  readonly items?: readonly V1KeyToPath[];
}

/** Texts by path. There are no tokens of ServiceAccounts: nobody who needs one runs here. */
async function filesOf(
  { configMap, secret, downwardAPI }: V1VolumeProjection | V1Volume,
  reader: Reader,
): Promise<readonly (readonly [string, string])[]> {
  const chosen: Chosen | undefined = configMap ?? secret;
  if (chosen === undefined) {
    const { items = [] } = downwardAPI ?? {};
    return items.map(({ path, fieldRef }) => [path, fieldOf(fieldRef?.fieldPath ?? '', reader)]);
  }
  const { name = '', secretName = name, optional = false, items } = chosen;
  const reference = { kind: configMap ? 'configmap' : 'secret', name: secretName } as const;
  const found = await read(reference, reader);
  if (found === undefined && !optional) throw new Error(`${titleOf(reference)} not found`);
  if (items === undefined) return Object.entries(found ?? {});
  return items.flatMap(({ key, path }) => {
    const text = found?.[key];
    if (text === undefined && !optional) throw new Error(`${titleOf(reference)} has no key ${key}`);
    return text === undefined ? [] : [[path, text] as const];
  });
}

/** Nothing, if it does not exist. */
async function read({ kind, name }: Reference, { api, pod }: Reader): Promise<Values | undefined> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/${kind}s/${name}`;
  const { code, body } = await api.call<KubeObject & { readonly data?: Values }>('GET', path);
  if (code === 404) return undefined;
  if (code !== 200) throw new Error(`GET ${path}: ${code} ${body.message}`);
  const encoding = kind === 'secret' ? 'base64' : 'utf8';
  const texts = Object.entries(body.data ?? {}).map(
    ([key, text]) => [key, Buffer.from(text, encoding).toString()] as const,
  );
  return Object.fromEntries(texts);
}

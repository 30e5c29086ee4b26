import { readFile } from 'node:fs/promises';
import type { KubeObject } from '../../sandbox/api.ts';
import { createClient, type Access } from '../../test/cluster/plane/client.ts';
import { scriptMark } from './script-mark.ts';
import { answerAll } from './talk.ts';

/*
 * The least that somebody could write who knows beforehand what is to be restarted: the patches that
 * the controller sends, as many at once, and nothing else.
 */

export type Question = { readonly ask: 'read' } | { readonly ask: 'go'; readonly value: string };

const atOnce = 8;
const query = 'fieldManager=bench&fieldValidation=Strict';
const type = 'application/merge-patch+json';

const [, , file = ''] = process.argv;
const api = createClient(JSON.parse(await readFile(file, 'utf8')) as Access);
let found: readonly KubeObject[] = [];
answerAll(async (asked) => {
  const question = asked as Question;
  if (question.ask === 'read') {
    const path = '/apis/apps/v1/deployments';
    found = (await api.call<KubeObject>('GET', path)).body.items ?? [];
    return {};
  }
  const left = found.values();
  const lane = async () => {
    for (const one of left) await patch(one, question.value);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return {};
});

async function patch({ metadata }: KubeObject, value: string): Promise<void> {
  const { namespace, name, resourceVersion, uid } = metadata;
  const template = { metadata: { annotations: { [scriptMark]: value } } };
  const body = { metadata: { resourceVersion, uid }, spec: { template } };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}?${query}`;
  const { code, body: answer } = await api.call('PATCH', path, body, { type });
  if (code !== 200) throw new Error(`${path}: ${code} ${answer.message}`);
}

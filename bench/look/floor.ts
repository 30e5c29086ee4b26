import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { listed } from '../../cli/doctor/kinds.ts';
import { pathOf } from '../../controller/kube/resource.ts';
import type { Ready } from './plane.ts';

/** The least that a look can do: it reads every list that is looked at, whole, and parses it. */
const [, , file = ''] = process.argv;
const { server, caPem, token } = JSON.parse(readFileSync(file, 'utf8')) as Ready;
const agent = new Agent({ connect: { ca: caPem } });
const read = await Promise.all(
  Object.values(listed).map(async (resource) => {
    const answer = await agent.request({
      origin: server,
      path: pathOf({ resource }),
      method: 'GET',
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await answer.body.text();
    // Not every cluster serves every kind.
    const list = answer.statusCode === 200 ? (JSON.parse(text) as object) : {};
    return { bytes: text.length, list };
  }),
);
await agent.close();
const bytes = read.reduce((sum, one) => sum + one.bytes, 0);
console.log(`${(bytes / 1_000_000).toFixed(1)} MB`);

import test from 'ava';
import { recordsOf } from '../../../cli/look/records.ts';
import { objectsOf } from '../../../cli/look/objects.ts';
import { isObject, objectAt, textAt, type JsonObject } from '../../../domain/json.ts';
import { readReplicaSet } from '../../../domain/restart/records/revision.ts';
import { readWorkload } from '../../../domain/restart/records/workload.ts';
import { merged, objectsOf as sceneOf } from '../doctor/cluster.ts';

const objects = sceneOf({});
const kindOf = (json: JsonObject) => textAt(json, 'kind') ?? '';
const named = (kind: string, name: string) => {
  const found = objects.find(
    (json) => kindOf(json) === kind && textAt(objectAt(json, 'metadata') ?? {}, 'name') === name,
  );
  if (found === undefined) throw new Error(name);
  return found;
};
const deployment = named('Deployment', 'cart');
const replicaSet = named('ReplicaSet', 'cart-7');

const inTemplate = (template: JsonObject): JsonObject => ({ spec: { template } });

/** The same, with the members of each object the other way round. */
function reversed(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(reversed);
  if (!isObject(json)) return json;
  const entries = Object.entries(json).map(([key, value]) => [key, reversed(value)]);
  return Object.fromEntries(entries.toReversed());
}

const restart = { 'otel-retrofit.dev/restart': '0123456789abcdef.3.sxyz12' };

const revisions: Readonly<Record<string, readonly [JsonObject, JsonObject]>> = {
  'of the template': [deployment, replicaSet],
  'with its members in another order': [deployment, reversed(replicaSet) as JsonObject],
  'that we restarted': [
    deployment,
    merged(replicaSet, inTemplate({ metadata: { annotations: restart } })),
  ],
  'from before our restart': [
    merged(deployment, inTemplate({ metadata: { annotations: restart } })),
    replicaSet,
  ],
  'with another image': [
    deployment,
    merged(replicaSet, inTemplate({ spec: { containers: [{ name: 'app', image: 'other' }] } })),
  ],
  'with another annotation': [
    deployment,
    merged(replicaSet, inTemplate({ metadata: { annotations: { team: 'blue' } } })),
  ],
  'with another label': [
    deployment,
    merged(replicaSet, inTemplate({ metadata: { labels: { team: 'blue' } } })),
  ],
  'with a container less': [
    deployment,
    merged(replicaSet, inTemplate({ spec: { containers: [] } })),
  ],
  'without a template': [deployment, merged(replicaSet, { spec: { template: null } })],
};

for (const [title, [workload, revision]] of Object.entries(revisions)) {
  test(`a revision ${title} is told from its workload as the controller tells it`, (t) => {
    const records = recordsOf(
      objectsOf([workload, revision].map((json) => ({ kind: kindOf(json), json }))),
    );
    const [read] = [...records.workloads.values()];
    if (read === undefined) throw new Error('the workload was not read');
    const [found] = records.revisionsOf(read);
    const [whole, part] = [readWorkload('Deployment', workload), readReplicaSet(revision)];
    t.is(found?.digest === read.digest, part?.digest === whole?.digest);
    t.deepEqual(found?.marker, part?.marker);
    t.deepEqual(read.marker, whole?.marker);
    t.deepEqual(read.template, whole?.template);
  });
}

import test from 'ava';
import { checkClaim } from '../../../../domain/injection/instrumentation/claim.ts';
import type { JsonObject } from '../../../../domain/json.ts';
import { frozen } from '../../../support/build.ts';

const claim = test.macro((t, spec: JsonObject, expected: readonly string[]) => {
  t.deepEqual(reported({ spec }), expected);
});

function reported(template: JsonObject): readonly string[] {
  const found: string[] = [];
  checkClaim(frozen(template), 'template', (path, problem) => found.push(`${path}: ${problem}`));
  return found;
}

const storage = { requests: { storage: '1Gi' } };
test(
  'a claim template needs access modes and a size',
  claim,
  { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], resources: storage },
  [],
);
test('no claim: no access modes', claim, { resources: storage }, [
  'template.spec.accessModes: is required',
]);
test('no claim: an empty list of access modes', claim, { accessModes: [], resources: storage }, [
  'template.spec.accessModes: is required',
]);
test(
  'no claim: an access mode that there is not',
  claim,
  { accessModes: ['ReadSometimes'], resources: storage },
  ['template.spec.accessModes: holds an unknown mode'],
);
test(
  'no claim: a mode that stands alone beside another',
  claim,
  { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'], resources: storage },
  ['template.spec.accessModes: may hold nothing beside ReadWriteOncePod'],
);
test('no claim: no size', claim, { accessModes: ['ReadWriteOnce'] }, [
  'template.spec.resources.requests.storage: is required',
]);
test(
  'no claim: no room at all',
  claim,
  { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '0' } } },
  ['template.spec.resources.requests.storage: is required'],
);
test(
  'no claim: a raw device, on which no files lie',
  claim,
  { accessModes: ['ReadWriteOnce'], resources: storage, volumeMode: 'Block' },
  ['template.spec.volumeMode: must be Filesystem'],
);

const sound = { accessModes: ['ReadWriteOnce'], resources: storage };
test(
  'a claim may name its class, what it takes and what it is filled from',
  claim,
  {
    ...sound,
    storageClassName: 'fast.ssd',
    volumeMode: 'Filesystem',
    selector: {
      matchLabels: { 'example.com/tier': 'a' },
      matchExpressions: [
        { key: 'zone', operator: 'In', values: ['a', ''] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    },
    dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'agents' },
    dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'agents' },
  },
  [],
);
test('a class that is empty is none', claim, { ...sound, storageClassName: '' }, []);
test('no claim: a mode that there is not', claim, { ...sound, volumeMode: 'Tape' }, [
  'template.spec.volumeMode: must be Filesystem',
]);
test('no claim: a mode that was left empty', claim, { ...sound, volumeMode: '' }, [
  'template.spec.volumeMode: must be Filesystem',
]);
test(
  'no claim: amounts that are none',
  claim,
  {
    ...sound,
    resources: { limits: { storage: 'much' }, requests: { storage: '1Gi', other: '' } },
  },
  [
    'template.spec.resources.limits.storage: is no quantity',
    'template.spec.resources.requests.other: is no quantity',
  ],
);
test('no claim: a class of two words', claim, { ...sound, storageClassName: 'Fast SSD' }, [
  'template.spec.storageClassName: is no name of a class',
]);
for (const selector of [
  { matchLabels: { 'bad key!': 'a' } },
  { matchLabels: { tier: 'a b' } },
  { matchExpressions: [{ key: 'zone', operator: 'Near', values: ['a'] }] },
  { matchExpressions: [{ key: 'zone', operator: 'In' }] },
  { matchExpressions: [{ key: 'zone', operator: 'Exists', values: ['a'] }] },
])
  test(`no claim: the selector ${JSON.stringify(selector)}`, claim, { ...sound, selector }, [
    'template.spec.selector: is no label selector',
  ]);
for (const dataSource of [
  { kind: 'Pod', name: 'a' },
  { kind: 'PersistentVolumeClaim' },
  { apiGroup: 'Bad Group', kind: 'A', name: 'a' },
])
  test(`no claim: filled from ${JSON.stringify(dataSource)}`, claim, { ...sound, dataSource }, [
    'template.spec.dataSource: names nothing to fill from',
  ]);
test(
  'no claim: filled from two things',
  claim,
  {
    ...sound,
    dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
    dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
  },
  ['template.spec.dataSource: must say the same as dataSourceRef'],
);

test('a claim may carry labels and annotations, and nothing else is its template’s to say', (t) => {
  const metadata = {
    labels: { 'example.com/team': 'shop', empty: '' },
    annotations: { 'example.com/Note': 'Any text!' },
    creationTimestamp: null,
    name: '',
  };
  t.deepEqual(reported({ metadata, spec: sound }), []);
  t.deepEqual(reported({ metadata: { name: 'agents' }, spec: sound }), [
    'template.metadata.name: cannot be set',
  ]);
  t.deepEqual(reported({ metadata: { labels: { 'bad key!': 'a' } }, spec: sound }), [
    'template.metadata.labels: holds what no object can carry',
  ]);
  t.deepEqual(reported({ metadata: { labels: { team: 'a b' } }, spec: sound }), [
    'template.metadata.labels: holds what no object can carry',
  ]);
});

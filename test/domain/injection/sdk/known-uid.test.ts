import test from 'ava';
import { admitted, environmentOf, valueOf } from '../../../support/build.ts';

const helper = 'OTEL_RESOURCE_ATTRIBUTES_POD_UID from metadata.uid';
const uidOf = (admission: ReturnType<typeof admitted>) =>
  valueOf(admission, 'OTEL_RESOURCE_ATTRIBUTES')
    ?.split(',')
    .filter((attribute) => attribute.startsWith('k8s.pod.uid='));

const resource = { addK8sUIDAttributes: true };

test('the pod’s uid is filled in by the kubelet, which alone knows it', (t) => {
  const admission = admitted('sdk', { spec: { resource } });
  t.true(environmentOf(admission).includes(helper));
  t.deepEqual(uidOf(admission), ['k8s.pod.uid=$(OTEL_RESOURCE_ATTRIBUTES_POD_UID)']);
});

test('a uid that somebody states needs no variable to be filled in from', (t) => {
  const resourceAttributes = { 'k8s.pod.uid': 'stated' };
  const admission = admitted('sdk', { spec: { resource: { ...resource, resourceAttributes } } });
  t.false(environmentOf(admission).includes(helper));
  t.deepEqual(uidOf(admission), ['k8s.pod.uid=stated']);
});

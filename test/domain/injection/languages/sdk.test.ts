import test from 'ava';
import { annotations as keys } from '../../../../crds/names.ts';
import {
  aContainer,
  admitted,
  anInstrumentation,
  containerOf,
  podOf,
  refusalsOf,
  valueOf,
} from '../../../support/build.ts';

const list = (names: string) => ({ [keys.containerNames]: names });
const tls = { exporter: { tls: { secretName: 's' } } };

test('variables alone are given: no volume, no init container', (t) => {
  const admission = admitted('sdk');
  t.is(admission.kind, 'injected');
  t.deepEqual(podOf(admission).volumes, []);
  t.deepEqual(podOf(admission).initContainers, []);
  const { env: _env, ...rest } = containerOf(admission);
  t.deepEqual(rest, aContainer());
});

test('certificates are the exception: they need a volume and a mount', (t) => {
  const admission = admitted('sdk', { spec: tls });
  t.deepEqual(
    podOf(admission).volumes.map(({ name }) => name),
    ['otel-auto-secret-s'],
  );
  t.like(containerOf(admission), {
    volumeMounts: [{ name: 'otel-auto-secret-s', readOnly: true }],
  });
});

test('init containers are served like others', (t) => {
  const admission = admitted('sdk', {
    pod: { initContainers: [aContainer({ name: 'migrate' })] },
    annotations: list('app,migrate'),
  });
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', 'migrate'), 'migrate');
  t.is(valueOf(admission, 'OTEL_SERVICE_NAME', 'app'), 'app');
});

test('a path that is in use refuses that container alone', (t) => {
  const taken = aContainer({
    name: 'taken',
    volumeMounts: [{ name: 'x', mountPath: '/otel-auto-instrumentation-secret-s' }],
  });
  const admission = admitted('sdk', {
    pod: { containers: [taken, aContainer()] },
    annotations: list('taken,app'),
    spec: tls,
  });
  t.deepEqual(refusalsOf(admission), ['NameTaken taken /otel-auto-instrumentation-secret-s']);
  t.deepEqual(containerOf(admission, 'taken'), taken);
  t.not(valueOf(admission, 'OTEL_SERVICE_NAME'), undefined);
});

test('a volume of the exporter’s name is in the way', (t) => {
  const volumes = [{ name: 'otel-auto-secret-s', emptyDir: {} }];
  const admission = admitted('sdk', { pod: { volumes }, spec: tls });
  t.deepEqual(refusalsOf(admission), ['NameTaken otel-auto-secret-s']);
  t.deepEqual(containerOf(admission), aContainer());
});

test('where no container can be served the pod gets no volume', (t) => {
  const admission = admitted('sdk', { annotations: list('ghost'), spec: tls });
  t.is(admission.kind, 'declined');
  t.deepEqual(podOf(admission).volumes, []);
});

test('attributes that cannot be joined refuse their container', (t) => {
  const valueFrom = { secretKeyRef: { name: 'a', key: 'b', optional: true } };
  const admission = admitted('sdk', {
    container: { env: [{ name: 'OTEL_RESOURCE_ATTRIBUTES', valueFrom }] },
    spec: tls,
  });
  t.deepEqual(refusalsOf(admission), ['EnvironmentByReference app OTEL_RESOURCE_ATTRIBUTES']);
  t.deepEqual(podOf(admission).volumes, []);
});

test('one that is refused leaves no volume beside another language that is given', (t) => {
  const admission = admitted('sdk', {
    annotations: {
      [keys.inject('nodejs')]: 'main',
      [keys.languageContainerNames('sdk')]: 'ghost',
      [keys.languageContainerNames('nodejs')]: 'app',
      [keys.inject('sdk')]: 'certified',
    },
    world: {
      instrumentations: [anInstrumentation(), anInstrumentation(tls, { name: 'certified' })],
    },
  });
  t.is(admission.kind, 'injected');
  t.false(podOf(admission).volumes.some(({ name }) => name === 'otel-auto-secret-s'));
});

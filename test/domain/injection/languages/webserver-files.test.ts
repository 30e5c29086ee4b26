import test from 'ava';
import {
  appMounts,
  directives,
  takenPath,
  type WebServer,
} from '../../../../domain/injection/languages/webserver-files.ts';
import { aContainer } from '../../../support/build.ts';

const lines = test.macro(
  (
    t,
    own: Record<string, string>,
    attrs: readonly (readonly [string, string])[],
    expected: string,
  ) => {
    t.is(
      directives(own, attrs, (name, value) => `${name}=${value}|`),
      expected,
    );
  },
);

test(
  'directives are written in the order of their names',
  lines,
  { B: '1', A: '2' },
  [['AB', '3']],
  'A=2|AB=3|B=1|',
);
test(
  'what an Instrumentation says outranks what is usual',
  lines,
  { A: '1' },
  [['A', '2']],
  'A=2|',
);
test(
  'of one name said twice the later counts',
  lines,
  {},
  [
    ['A', '1'],
    ['A', '2'],
  ],
  'A=2|',
);
test('a directive without a value is written without one', lines, {}, [['A', '']], 'A=|');

const server = { agentVolume: 'agent', configVolume: 'conf' } as WebServer;

test('the agent is mounted, then the copy over the configuration', (t) => {
  t.deepEqual(appMounts(server, aContainer(), '/conf'), [
    { name: 'agent', mountPath: '/opt/opentelemetry-webserver/agent' },
    { name: 'conf', mountPath: '/conf' },
  ]);
});

const agent = '/opt/opentelemetry-webserver/agent';
const staging = '/opt/opentelemetry-webserver/source-conf';

const mounting = (mountPath: string) => aContainer({ volumeMounts: [{ name: 'x', mountPath }] });

test('a path of ours that the container or the configuration uses is taken', (t) => {
  t.is(takenPath(mounting(agent), '/conf'), agent);
  t.is(takenPath(mounting(staging), '/conf'), staging);
  t.is(takenPath(aContainer(), staging), staging);
  t.is(takenPath(mounting('/conf'), '/conf'), undefined);
});

test('mounts inside the configuration give way, others stay', (t) => {
  const volumeMounts = ['/conf', '/conf/d/', '/conf.d', '/x/conf'].map((mountPath) => ({
    name: 'own',
    mountPath,
  }));
  const mounts = appMounts(server, aContainer({ volumeMounts }), '/conf');
  t.deepEqual(
    mounts.map(({ mountPath }) => mountPath),
    ['/conf.d', '/x/conf', agent, '/conf'],
  );
});

test('a mount without a path is none that could be in the way', (t) => {
  const volumeMounts = [{ name: 'x' }];
  t.deepEqual(appMounts(server, aContainer({ volumeMounts }), '/conf')[0], { name: 'x' });
});

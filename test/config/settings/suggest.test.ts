import test from 'ava';
import { rows } from '../../../config/settings.ts';
import { suggest } from '../../../config/settings/suggest.ts';

const known = [...rows.keys()];

const meant = {
  'webhok-port': 'webhook-port',
  'webhook.port': 'webhook-port',
  'port-webhook': 'webhook-port',
  loglevel: 'log-level',
  'certificates-dir': 'certificate-dir',
  // The names that the operator gives to the same things.
  'auto-instrumentation-java-image': 'image-java',
  'auto-instrumentation-node-js-image': 'image-nodejs',
  'auto-instrumentation-dot-net-image': 'image-dotnet',
  'auto-instrumentation-apache-httpd-image': 'image-apache-httpd',
  'enable-go-instrumentation': 'enable-go',
  'enable-node-js-auto-instrumentation': 'enable-nodejs',
  'metrics-addr': 'metrics-port',
  'health-probe-addr': 'probe-port',
};

for (const [written, setting] of Object.entries(meant)) {
  test(`"${written}" means ${setting}`, (t) => {
    t.is(suggest(written, known), setting);
  });
}

test('what resembles nothing is not guessed at', (t) => {
  for (const name of ['colour', '', '---', 'enable-leader-election', 'x'.repeat(5000)]) {
    t.is(suggest(name, known), undefined, name);
  }
});

import type { Dice } from '../../support/dice.ts';
import { images } from '../../../config/images.ts';
import type { AgentSettings, Case, Certificates, Settings } from '../case.ts';

export const inSettings = (one: Case, change: (settings: Settings) => Settings): Case => ({
  ...one,
  instrumentations: one.instrumentations.map((instrumentation) => ({
    ...instrumentation,
    spec: change(instrumentation.spec),
  })),
});

const cut = (length: number) => `${'s'.repeat(length - 1)}-tail`;
const names = ['', '', 'cli', 'a', cut(46), cut(43)] as const;
const files = ['', '/', 'ca.crt', 'sub/ca.crt', './ca.crt', '/abs/ca.crt'] as const;

/** Names and files that are there and empty; a name that ends in a hyphen once it has been cut. */
export const withCertificates = (one: Case, dice: Dice): Case =>
  inSettings(one, (settings) => {
    const said: Certificates = {
      secretName: dice.pick(names),
      configMapName: dice.pick(names),
      ca_file: dice.pick(files),
      cert_file: dice.pick(files),
      key_file: dice.pick(files),
    };
    const tls = Object.fromEntries(Object.entries(said).filter(() => dice.chance(0.6)));
    const endpoint = dice.pick(['', 'https://otel.obs:4318']);
    return { ...settings, exporter: { ...settings.exporter, endpoint, tls } };
  });

const apache: readonly [AgentSettings, ...AgentSettings[]] = [
  { configPath: '/etc/httpd//' },
  { configPath: '/etc/httpd/.' },
  { configPath: '/usr/local/apache2/conf/..' },
  { configPath: '' },
  { version: '' },
];

const nginx: readonly [AgentSettings, ...AgentSettings[]] = [
  { configFile: '/etc/nginx/' },
  { configFile: '/etc/nginx//' },
  { configFile: '/etc/nginx/.' },
  { configFile: '/etc/nginx/conf/..' },
  { configFile: '/etc/nginx/conf/../nginx.conf' },
  { configFile: '//etc/nginx/...' },
  { configFile: '' },
];

export const withServers = (one: Case, dice: Dice): Case =>
  inSettings(one, (settings) => ({
    ...settings,
    apacheHttpd: { ...settings.apacheHttpd, ...dice.pick(apache) },
    nginx: { ...settings.nginx, ...dice.pick(nginx) },
  }));

const attrs = [
  { name: 'ApacheModuleEnabled', value: 'OFF' },
  { name: 'NginxModuleEnabled', value: 'OFF' },
  { name: 'Twice', value: '1' },
  { name: 'Twice', value: '2' },
  { name: 'zz' },
] as const;

export const withAttributes = (one: Case, dice: Dice): Case =>
  inSettings(one, (settings) => ({
    ...settings,
    apacheHttpd: { ...settings.apacheHttpd, attrs: dice.some(attrs, 0.6) },
    nginx: { ...settings.nginx, attrs: dice.some(attrs, 0.6) },
  }));

const requested = {
  java: { cpu: '50m', memory: '64Mi' },
  nodejs: { cpu: '50m', memory: '128Mi' },
  python: { cpu: '50m', memory: '64Mi' },
  dotnet: { cpu: '50m', memory: '128Mi' },
  go: { cpu: '50m', memory: '64Mi' },
  apacheHttpd: { cpu: '1m', memory: '128Mi' },
  nginx: { cpu: '1m', memory: '128Mi' },
} as const;

const nothing = { metadata: {}, spec: { resources: {} } };

/** What the operator's own webhook has made of Instrumentations by the time they are stored. */
export const asStored = (one: Case): Case =>
  inSettings(one, (settings) => {
    const filledIn = Object.entries(requested).map(([agent, requests]) => {
      const said = settings[agent as keyof typeof requested] ?? {};
      const field = agent === 'java' ? 'resources' : 'resourceRequirements';
      return [
        agent,
        {
          volumeClaimTemplate: nothing,
          ...said,
          image: said.image || images[agent === 'apacheHttpd' ? 'apache-httpd' : (agent as 'java')],
          [field]: { limits: { cpu: '500m', memory: '256Mi' }, requests, ...said[field] },
          ...(agent === 'apacheHttpd' ? stored(said) : {}),
          ...(agent === 'nginx' ? { configFile: said.configFile || '/etc/nginx/nginx.conf' } : {}),
        },
      ];
    });
    const empty = { exporter: {}, resource: {}, sampler: {}, defaults: {} };
    return { ...empty, ...settings, ...(Object.fromEntries(filledIn) as Settings) };
  });

const stored = ({ version, configPath }: AgentSettings) => ({
  version: version || '2.4',
  configPath: configPath || '/usr/local/apache2/conf',
});

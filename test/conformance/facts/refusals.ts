import { createClient } from '../../cluster/plane/client.ts';
import { aMap, ask, core, must, refusal, type Fact } from '../fact.ts';

export const refusals: readonly Fact[] = [
  {
    title: 'somebody unknown is turned away',
    async check(t, { server, caPem }) {
      for (const access of [{}, { token: 'wrong' }]) {
        const client = createClient({ server, caPem, ...access });
        t.deepEqual(await refusal({ client }, 'GET', '/api/v1/namespaces'), [401, 'Unauthorized']);
        await client.close();
      }
    },
  },
  {
    title: 'a group nobody serves is unknown as text, a kind in a known group as a Status',
    async check(t, plane) {
      const stranger = await plane.client.call<unknown>(
        'GET',
        '/apis/absent.example.com/v1/things',
      );
      t.deepEqual([stranger.code, stranger.body], [404, '404 page not found\n']);
      t.deepEqual(await refusal(plane, 'GET', '/apis/apps/v1/things'), [404, 'NotFound']);
      const { body } = await ask(plane, 'GET', '/api/v1/nothings');
      t.is(body.details?.name, undefined);
    },
  },
  {
    title: 'what is there already is not made again',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'configmaps');
      await must(plane, 'POST', path, aMap('a'));
      t.deepEqual(await refusal(plane, 'POST', path, aMap('a')), [409, 'AlreadyExists']);
    },
  },
  {
    title: 'nothing is made in a namespace that is not there',
    async check(t, plane) {
      const { code, body } = await ask(plane, 'POST', core('none', 'configmaps'), aMap('a'));
      t.deepEqual([code, body.details], [404, { name: 'none', kind: 'namespaces' }]);
    },
  },
  {
    title: 'nothing is made without a name, with a version, or of another kind',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'configmaps');
      t.deepEqual(await refusal(plane, 'POST', path, {}), [422, 'Invalid']);
      const versioned = { metadata: { name: 'a', resourceVersion: '1' } };
      t.is((await ask(plane, 'POST', path, versioned)).code, 500);
      const other = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
      t.deepEqual(await refusal(plane, 'POST', path, other), [400, 'BadRequest']);
      const elsewhere = { metadata: { name: 'a', namespace: 'default' } };
      t.deepEqual(await refusal(plane, 'POST', path, elsewhere), [400, 'BadRequest']);
    },
  },
  {
    title: 'a body that is too large or of an unknown type is refused by its own code',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'configmaps');
      const large = { metadata: { name: 'large' }, data: { text: 'x'.repeat(3_200_000) } };
      t.is((await ask(plane, 'POST', path, large)).code, 413);
      t.is((await ask(plane, 'POST', path, {}, { type: 'text/plain' })).code, 415);
    },
  },
  {
    title: 'a name is made from generateName',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'configmaps');
      const made = await must(plane, 'POST', path, { metadata: { generateName: 'a-' } });
      t.regex(made.metadata.name, /^a-[a-z0-9]{5}$/);
    },
  },
  {
    title: 'annotations have a limit',
    async check(t, plane) {
      const path = core(await plane.namespace(), 'configmaps');
      const annotated = { metadata: { name: 'a', annotations: { a: 'x'.repeat(262_144) } } };
      t.deepEqual(await refusal(plane, 'POST', path, annotated), [422, 'Invalid']);
    },
  },
  {
    title: 'discovery tells what is served',
    async check(t, plane) {
      const discovered = async <T>(path: string) => (await plane.client.call<T>('GET', path)).body;
      const { versions } = await discovered<{ versions: string[] }>('/api');
      t.deepEqual(versions, ['v1']);
      const { groups } = await discovered<{ groups: { name: string }[] }>('/apis');
      t.true(groups.some(({ name }) => name === 'apps'));
      type Resources = { resources: { name: string; kind: string; shortNames?: string[] }[] };
      for (const [path, plural, kind] of [
        ['/api/v1', 'pods', 'Pod'],
        ['/apis/apps/v1', 'deployments', 'Deployment'],
        ['/apis/batch/v1', 'jobs', 'Job'],
        ['/apis/coordination.k8s.io/v1', 'leases', 'Lease'],
        ['/apis/events.k8s.io/v1', 'events', 'Event'],
        ['/apis/policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget'],
        [
          '/apis/admissionregistration.k8s.io/v1',
          'mutatingwebhookconfigurations',
          'MutatingWebhookConfiguration',
        ],
        ['/apis/apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition'],
      ] as const) {
        const { resources } = await discovered<Resources>(path);
        t.is(resources.find(({ name }) => name === plural)?.kind, kind);
      }
      t.regex((await discovered<{ gitVersion: string }>('/version')).gitVersion, /^v1\.\d+/);
    },
  },
  {
    title: 'the document of a group says that the server checks fields itself',
    async check(t, plane) {
      type Documents = { paths: Record<string, { serverRelativeURL: string }> };
      const { body } = await plane.client.call<Documents | string>('GET', '/openapi/v3');
      // The real server sends it as text.
      const { paths } = typeof body === 'string' ? (JSON.parse(body) as Documents) : body;
      for (const [root, place] of [
        ['api/v1', '/api/v1/namespaces/{namespace}/configmaps/{name}'],
        ['apis/apps/v1', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}'],
      ] as const) {
        const url = paths[root]?.serverRelativeURL ?? '';
        t.true(url.startsWith(`/openapi/v3/${root}`));
        type Document = { paths: Record<string, { patch?: { parameters: { name?: string }[] } }> };
        const document = (await plane.client.call<Document>('GET', url)).body;
        const parameters = document.paths[place]?.patch?.parameters ?? [];
        t.true(parameters.some(({ name }) => name === 'fieldValidation'));
      }
    },
  },
];

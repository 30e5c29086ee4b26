import anyTest, { type TestFn } from 'ava';
import { furnish, left, setOut } from '../../journeys/demo/theirs.ts';
import { restartsItsShop } from '../../journeys/demo/visits.ts';
import { make, realPlane, type Plane } from '../../journeys/stage/plane.ts';
import { findSource } from '../../cluster/binaries.ts';
import { startCluster } from '../../cluster/start.ts';
import { until } from '../../cluster/until.ts';

/** Pods need controllers, and the API server must reach what runs on this machine. */
const source = await findSource(process.env);
const isFit = source.kind === 'programs' && source.controllerManager !== undefined;
const test = (isFit ? anyTest.serial : anyTest.serial.skip) as TestFn<Plane>;

anyTest.before(async (t) => {
  if (isFit) t.context = realPlane(await startCluster());
});

anyTest.after.always((t) => (t.context as Partial<Plane>).stop?.());

test('in a cluster of somebody the demo restarts its own shop, and all of it is gone in the end', (t) =>
  restartsItsShop(t, t.context));

const admission = '/apis/admissionregistration.k8s.io/v1';

const nobody = {
  metadata: { name: 'nobody' },
  spec: {
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
      ],
    },
    matchConditions: [
      { name: 'cart', expression: "object.metadata.?labels.?app.orValue('') == 'cart'" },
    ],
    validations: [{ expression: 'false', message: 'no carts today' }],
  },
};

test('pods that a cluster refuses are not waited for in silence', async (t) => {
  const { api } = t.context;
  await furnish(t, t.context);
  await make(api, `${admission}/validatingadmissionpolicies`, nobody);
  await make(api, `${admission}/validatingadmissionpolicybindings`, {
    metadata: { name: 'nobody' },
    spec: { policyName: 'nobody', validationActions: ['Deny'] },
  });
  const cart = {
    metadata: { name: 'cart', labels: { app: 'cart' } },
    spec: { containers: [{ name: 'cart', image: 'cart' }] },
  };
  const dry = '/api/v1/namespaces/theirs/pods?dryRun=All';
  await until(async () => (await api.call('POST', dry, cart)).code === 422, {
    what: 'the policy holds',
  });
  const { says, text, leave } = await setOut(t, t.context);
  await says('no carts today');
  t.regex(
    text(),
    /\n {2}cart waits: FailedCreate: pods "cart-[^"]+" is forbidden: .*no carts today/,
  );
  t.is(await leave(), 0);
  t.deepEqual(await left(t.context), []);
});

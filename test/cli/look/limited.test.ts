import test from 'ava';
import { consult } from '../../../cli/doctor/show.ts';
import { answer, hasShortfall } from '../../../cli/look/show.ts';
import { readCommand } from '../../../cli/program.ts';
import { merged, nameOf, objectsOf, type WorkloadScene } from '../doctor/cluster.ts';
import { context, serve, silent, type Manner } from './serving.ts';

/*
 * A person whose rights end at one namespace, and workloads in it that name Instrumentations which
 * lie elsewhere.
 */

const nodejs = 'instrumentation.opentelemetry.io/inject-nodejs';
const java = 'instrumentation.opentelemetry.io/inject-java';
const inJava = 'instrumentation.opentelemetry.io/java-container-names';
const inNodejs = 'instrumentation.opentelemetry.io/nodejs-container-names';

const cart: WorkloadScene = { annotations: { [nodejs]: 'tools/agents' } };

const bare: WorkloadScene = {
  name: 'web',
  pods: 'bare',
  annotations: { [nodejs]: 'tools/agents' },
};

const mixed: WorkloadScene = {
  annotations: { [nodejs]: 'agents', [java]: 'tools/agents', [inNodejs]: 'app', [inJava]: 'app' },
};

const theirs = '/apis/opentelemetry.io/v1alpha1/namespaces/tools/instrumentations/agents';

const limited: Manner = { only: 'shop' };
const invited: Manner = { only: 'shop', besides: [theirs] };

const plain = (_look: unknown, text: string) => text;

/** What is said to whoever the server answers in this manner. */
async function said(words: readonly string[], workloads: readonly WorkloadScene[], manner: Manner) {
  const scene = { workloads, instrumentations: [{}, { namespace: 'tools' }] };
  const objects = objectsOf(scene).map((json) =>
    merged({ metadata: { uid: nameOf(json), resourceVersion: '1' } }, json),
  );
  const serving = await serve(objects, manner);
  try {
    const asked = readCommand([...words, '--kubeconfig', serving.kubeconfig], '0', silent);
    if (asked.kind === 'doctor') return await consult(asked, context, plain);
    if (asked.kind === 'status' || asked.kind === 'plan') {
      return await answer(asked, context, plain);
    }
    throw new Error(asked.kind);
  } finally {
    await serving.stop();
  }
}

async function textFor(
  words: readonly string[],
  workloads: readonly WorkloadScene[],
  manner = limited,
) {
  const shown = await said(words, workloads, manner);
  if (shown.kind === 'badInput') throw new Error(JSON.stringify(shown.problems));
  return shown.text;
}

const command = '`kubectl auth can-i get instrumentations.opentelemetry.io/agents -n tools`';

for (const words of [
  ['status', '-n', 'shop'],
  ['plan', '-n', 'shop'],
  ['doctor', '-n', 'shop'],
  ['doctor', 'deployment/cart', '-n', 'shop'],
]) {
  const title = words.join(' ');

  test.serial(
    `${title}: of an Instrumentation that a person may not read nobody says that it is not there`,
    async (t) => {
      const text = await textFor(words, [cart]);
      t.regex(text, /InstrumentationUnreadable/);
      t.true(text.includes(command), text);
      t.notRegex(text, /InstrumentationNotFound|InstrumentationChanged|is not there/);
    },
  );

  test.serial(
    `${title}: whoever may read just that one is told what those are told who may read all`,
    async (t) => {
      const text = await textFor(words, [cart], invited);
      t.notRegex(text, /InstrumentationUnreadable|InstrumentationNotFound/);
      const whole = await textFor(words, [cart], {});
      if (words[0] !== 'doctor') t.is(text, whole);
    },
  );

  test.serial(
    `${title}: where one language of two cannot be told of, the workload cannot`,
    async (t) => {
      const text = await textFor(words, [mixed]);
      t.regex(text, /InstrumentationUnreadable/);
      t.notRegex(text, /InstrumentationChanged|InstrumentationNotFound/);
    },
  );

  test.serial(
    `${title}: an Instrumentation that is not there, where a person may look, is said to be missing`,
    async (t) => {
      const gone = { annotations: { [nodejs]: 'nobody' } };
      t.regex(await textFor(words, [gone]), /InstrumentationNotFound/);
    },
  );
}

test.serial(
  'what pods got is taken for what they asked for where nobody can tell, and is no lack',
  async (t) => {
    const shown = await said(['status', '-n', 'shop'], [cart], limited);
    t.true(shown.kind === 'shown' && !hasShortfall(shown));
    t.regex(await textFor(['status', '-n', 'shop'], [cart]), /InstrumentationUnreadable +2\/2/);
  },
);

test.serial('pods that got nothing lack it, whatever the Instrumentation says', async (t) => {
  const shown = await said(['status', '-n', 'shop'], [bare], limited);
  t.true(shown.kind === 'shown' && hasShortfall(shown));
  t.regex(await textFor(['status', '-n', 'shop'], [bare]), /InstrumentationUnreadable +0\/2/);
});

test.serial('a doctor who may not see it does not call it wrong', async (t) => {
  const text = await textFor(['doctor', '-n', 'shop'], [cart]);
  t.regex(text, /^note InstrumentationUnreadable/m);
  t.regex(text, /nodejs: tools\/agents/);
  const account = await textFor(['doctor', 'cart', '-n', 'shop'], [cart]);
  t.regex(account, /nodejs +none +whoever asks may not read it/);
  t.regex(account, /What a new pod gets\n {2}That is not known\./);
  t.notRegex(account, /a restart would not help|Nothing is done/i);
  t.regex(await textFor(['doctor', 'web', '-n', 'shop'], [bare]), /web-0 +missing/);
});

test.serial('an annotation that is no name is looked up nowhere', async (t) => {
  const odd = { annotations: { [nodejs]: '../agents' } };
  t.regex(await textFor(['status', '-n', 'shop'], [odd]), /InstrumentationNotFound/);
});

const namespaceOfShop = '/api/v1/namespaces/shop';
const limitsOfShop = '/api/v1/namespaces/shop/limitranges';
const ownAgents = { annotations: { [nodejs]: 'agents' } };

for (const kind of ['status', 'plan']) {
  test.serial(
    `${kind}: whoever may not read what a namespace asks is told that it is not known`,
    async (t) => {
      const manner = { only: 'shop', never: [namespaceOfShop] };
      const text = await textFor([kind, '-n', 'shop'], [ownAgents], manner);
      t.regex(text, /^Not read: Namespace\/shop; what it asks of its workloads is not known/m);
      t.regex(text, /`kubectl auth can-i get namespaces\/shop -n shop`/);
      const json = await textFor([kind, '-n', 'shop', '-o', 'json'], [ownAgents], manner);
      t.like(JSON.parse(json), { unread: [{ what: 'Namespace/shop' }] });
    },
  );

  test.serial(
    `${kind}: whoever may not read LimitRanges is told that they are not counted`,
    async (t) => {
      const manner = { only: 'shop', never: [limitsOfShop] };
      const text = await textFor([kind, '-n', 'shop'], [ownAgents], manner);
      t.regex(
        text,
        /^Not read: LimitRanges\/shop; .*\n {2}`kubectl auth can-i list limitranges -n shop`/m,
      );
    },
  );

  test.serial(
    `${kind}: whether restarts are switched off is said to be unknown only where one may be made`,
    async (t) => {
      const behind = { ...ownAgents, pods: 'bare' } as const;
      const unknown = /^Not read: Namespace\/otel-retrofit; whether restarts are switched off/m;
      t.notRegex(await textFor([kind, '-n', 'shop'], [ownAgents]), /Not read/);
      t.regex(await textFor([kind, '-n', 'shop'], [behind]), unknown);
      t.notRegex(await textFor([kind, '-n', 'shop'], [behind], {}), /Not read/);
    },
  );
}

test.serial('a doctor who may not read the namespace says that it was not looked at', async (t) => {
  const manner = {
    only: 'shop',
    never: [namespaceOfShop],
    besides: ['/api/v1/namespaces/otel-retrofit'],
  };
  const text = await textFor(['doctor', '-n', 'shop'], [ownAgents], manner);
  t.regex(text, /^note NotLookedAt[^]*^ {2}- Namespace$/m);
});

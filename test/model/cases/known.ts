import type { JsonObject } from '../../../domain/json.ts';
import type { Fixture } from '../../support/fixtures.ts';
import type { Case as RandomCase } from '../../support/random.ts';
import type { Case, Instrumentation, Pod } from '../case.ts';
import { makersByName } from './owners.ts';

/** A case of the core's own generator, with makers that are called like what they made. */
export function fromRandom(one: RandomCase): Case {
  const { pod, instrumentations, namespaceAnnotations, namespaceLabels, disabled } = one;
  const annotations = namespaceAnnotations;
  return caseOf(
    { pod, instrumentations, namespace: { name: 'shop', annotations, labels: namespaceLabels } },
    { disabled },
  );
}

/** What a fixture's folder cannot say is taken from its `stated.yaml`. */
export function fromFixture({ name, pod, instrumentations, world }: Fixture): Case {
  return caseOf(
    { pod, instrumentations, namespace: { labels: {}, ...world.namespace } },
    {
      disabled: world.defaults.disabled,
      missing: name.includes('outcome-n-') ? ['Secret/not-there'] : [],
      isMultiOff: name.includes('outcome-f-'),
    },
  );
}

interface Given {
  readonly pod: JsonObject;
  readonly instrumentations: readonly JsonObject[];
  readonly namespace: {
    readonly name: string;
    readonly annotations: JsonObject;
    readonly labels: JsonObject;
  };
}

function caseOf({ pod, instrumentations, namespace }: Given, more: Partial<Case>): Case {
  const { metadata, ...rest } = pod as unknown as Pod;
  const placed = { ...rest, metadata: { ...metadata, namespace: namespace.name } };
  return {
    namespace: namespace as Case['namespace'],
    pod: placed,
    instrumentations: instrumentations.map((one) => {
      const { metadata: named, ...others } = withoutNulls(one) as Partial<Instrumentation>;
      return { ...bare, ...others, metadata: { name: '', namespace: 'default', ...named } };
    }),
    makers: makersByName(placed),
    missing: [],
    disabled: [],
    isMultiOff: false,
    ...more,
  };
}

const bare = { apiVersion: 'opentelemetry.io/v1alpha1', kind: 'Instrumentation', spec: {} };

/** As an API server keeps it: a member without a value is none. */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, member: unknown) => member ?? undefined);

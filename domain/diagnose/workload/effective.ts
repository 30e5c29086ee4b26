import { isObject, listAt, member, textAt, type JsonObject } from '../../json.ts';
import { specOf, type Subject } from '../cluster.ts';

/** The variables of a container whose values are written in it; of two of one name the later counts. */
export function variablesOf(container: JsonObject): ReadonlyMap<string, string> {
  const entries = (listAt(container, 'env') ?? []).filter(isObject);
  return new Map(
    entries.flatMap((entry): [string, string][] => {
      const [name, value] = [textAt(entry, 'name'), member(entry, 'value')];
      return name !== undefined && typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

/** Whether something in the pod itself may listen for telemetry. */
export const hasCollector = ({ template, pods }: Subject): boolean =>
  [specOf(template), ...pods.slice(0, 1).map(specOf)]
    .flatMap((spec) => [
      ...(listAt(spec, 'containers') ?? []),
      ...(listAt(spec, 'initContainers') ?? []),
    ])
    .filter(isObject)
    .some(
      (container) =>
        textAt(container, 'name') === 'otc-container' ||
        /otel|opentelemetry-collector|otelcol|alloy|datadog\/agent|vector|fluent/.test(
          (textAt(container, 'image') ?? '').replace(/autoinstrumentation/, ''),
        ),
    );

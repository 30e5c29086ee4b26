import { isObject, listAt, member, objectAt, textAt, type JsonObject } from '../../json.ts';
import type { Report } from './check.ts';
import { isLabelValue, isObjectName, isQualifiedName } from './names.ts';
import { quantity } from './quantity.ts';

/** A claim is made from this for each pod, and a pod with one that cannot be made is refused. */
export function checkClaim(template: JsonObject, path: string, report: Report): void {
  checkMetadata(objectAt(template, 'metadata') ?? {}, `${path}.metadata`, report);
  const spec = objectAt(template, 'spec') ?? {};
  checkModes(listAt(spec, 'accessModes') ?? [], `${path}.spec.accessModes`, report);
  checkAmounts(objectAt(spec, 'resources') ?? {}, `${path}.spec.resources`, report);
  if ((member(spec, 'volumeMode') ?? 'Filesystem') !== 'Filesystem')
    report(`${path}.spec.volumeMode`, 'must be Filesystem');
  for (const field of ['storageClassName', 'volumeAttributesClassName']) {
    if (!isObjectName(textAt(spec, field) ?? 'none'))
      report(`${path}.spec.${field}`, 'is no name of a class');
  }
  if (!selects(objectAt(spec, 'selector') ?? {}))
    report(`${path}.spec.selector`, 'is no label selector');
  checkSources(spec, `${path}.spec`, report);
}

/** Whatever else a claim's metadata could hold is the cluster's to say. */
function checkMetadata(metadata: JsonObject, path: string, report: Report): void {
  for (const [field, value] of Object.entries(metadata)) {
    const isMap = field === 'labels' || field === 'annotations';
    if (!isMap && value !== null && value !== '') report(`${path}.${field}`, 'cannot be set');
    if (!isMap || !isObject(value)) continue;
    const fits = Object.entries(value).every(
      ([key, text]) =>
        isQualifiedName(field === 'labels' ? key : key.toLowerCase()) &&
        (field === 'labels' ? isLabelValue(text) : typeof text === 'string'),
    );
    if (!fits) report(`${path}.${field}`, 'holds what no object can carry');
  }
}

function checkAmounts(resources: JsonObject, path: string, report: Report): void {
  const storage = quantity(member(objectAt(resources, 'requests') ?? {}, 'storage'));
  if (storage === undefined || storage <= 0) report(`${path}.requests.storage`, 'is required');
  for (const field of ['limits', 'requests']) {
    for (const [name, amount] of Object.entries(objectAt(resources, field) ?? {})) {
      const isJudged = field === 'requests' && name === 'storage';
      if (!isJudged && quantity(amount) === undefined)
        report(`${path}.${field}.${name}`, 'is no quantity');
    }
  }
}

function checkModes(modes: readonly unknown[], path: string, report: Report): void {
  const known = /^(?:ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod)$/;
  if (modes.length === 0) report(path, 'is required');
  if (modes.some((mode) => typeof mode !== 'string' || !known.test(mode)))
    report(path, 'holds an unknown mode');
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    report(path, 'may hold nothing beside ReadWriteOncePod');
}

function selects(selector: JsonObject): boolean {
  const labels = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  const expressions = listAt(selector, 'matchExpressions') ?? [];
  return (
    labels.every(([key, value]) => isQualifiedName(key) && isLabelValue(value)) &&
    expressions.every((one) => isObject(one) && isExpression(one))
  );
}

function isExpression(expression: JsonObject): boolean {
  const values = listAt(expression, 'values') ?? [];
  const operator = textAt(expression, 'operator') ?? '';
  const takesValues = /^(?:In|NotIn)$/.test(operator);
  return (
    isQualifiedName(textAt(expression, 'key') ?? '') &&
    (takesValues || /^(?:Exists|DoesNotExist)$/.test(operator)) &&
    takesValues === values.length > 0 &&
    values.every(isLabelValue)
  );
}

/** What the claim is filled from. The newer field means the same as the older one, where both stand. */
function checkSources(spec: JsonObject, path: string, report: Report): void {
  const [source, reference] = ['dataSource', 'dataSourceRef'].map((field) => objectAt(spec, field));
  for (const [field, one] of [
    ['dataSource', source],
    ['dataSourceRef', reference],
  ] as const) {
    if (one !== undefined && !isSource(one))
      report(`${path}.${field}`, 'names nothing to fill from');
  }
  if (source === undefined || reference === undefined) return;
  const differs = ['apiGroup', 'kind', 'name', 'namespace'].some(
    (field) => textAt(source, field) !== textAt(reference, field),
  );
  if (differs) report(`${path}.dataSource`, 'must say the same as dataSourceRef');
}

function isSource(source: JsonObject): boolean {
  const [group, kind, name] = ['apiGroup', 'kind', 'name'].map((field) => textAt(source, field));
  if (kind === undefined || name === undefined) return false;
  return group === undefined ? kind === 'PersistentVolumeClaim' : isObjectName(group);
}

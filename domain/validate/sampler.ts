import { objectAt, textAt } from '../json.ts';
import { isSet, variablesFor, type Problem, type Subject } from './subject.ts';

const path = 'spec.sampler.argument';
const ratios = /^(?:parentbased_)?traceidratio$/;
const remotes = /^(?:parentbased_)?jaeger_remote$/;
const plain = /^(?:(?:parentbased_)?always_(?:on|off)|xray)$/;

/** What the CRD refuses too, for clusters that have one without rules. */
export function samplerErrors({ spec }: Subject): readonly Problem[] {
  const sampler = objectAt(spec, 'sampler') ?? {};
  const type = textAt(sampler, 'type');
  const argument = textAt(sampler, 'argument');
  if (type === undefined || plain.test(type)) return [];
  if (!ratios.test(type) && !remotes.test(type)) {
    return [{ path: 'spec.sampler.type', message: 'is no sampler that agents know' }];
  }
  const message = argument === undefined ? undefined : argumentProblem(type, argument);
  return message === undefined ? [] : [{ path, message }];
}

function argumentProblem(type: string, argument: string): string | undefined {
  if (remotes.test(type)) return remoteProblem(argument);
  if (isShare(argument)) return undefined;
  return `must be a number from 0 to 1 for the sampler ${type}, for example "0.25"`;
}

function remoteProblem(argument: string): string | undefined {
  const pairs = argument.split(',').map((pair) => pair.split('='));
  if (pairs.some(({ length }) => length !== 2)) {
    return 'must be a list of key=value pairs with commas between them, for example "endpoint=http://jaeger:14250,initialSamplingRate=0.25"';
  }
  const problems = pairs.map(([key, value = '']) => {
    if (key === 'endpoint' && value === '') return 'has an empty endpoint';
    if (key === 'pollingIntervalMs' && !/^[+-]?\d+$/.test(value))
      return 'needs a whole number of milliseconds for pollingIntervalMs';
    if (key === 'initialSamplingRate' && !isShare(value))
      return 'needs a number from 0 to 1 for initialSamplingRate';
    return undefined;
  });
  return problems.find((problem) => problem !== undefined);
}

function isShare(text: string): boolean {
  const value = readNumber(text.slice(0, longestNumber));
  return value !== undefined && value >= 0 && value <= 1;
}

const longestNumber = 256;
const decimal =
  /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;
const hexadecimal =
  /^(?<sign>[+-]?)0[xX]_?(?<whole>[\da-f]*(?:_[\da-f]+)*)\.?(?<part>[\da-f]*(?:_[\da-f]+)*)[pP](?<power>[+-]?\d+)$/i;

/** As the operator reads numbers: it also takes underscores, and hexadecimal ones with an exponent. */
function readNumber(text: string): number | undefined {
  if (decimal.test(text)) return Number(text.replaceAll('_', ''));
  const found = hexadecimal.exec(text)?.groups;
  const whole = found?.['whole']?.replaceAll('_', '') ?? '';
  const part = found?.['part']?.replaceAll('_', '') ?? '';
  if (found === undefined || whole + part === '') return undefined;
  const digits = Number.parseInt(`0${whole}${part}`, 16);
  const value = digits * 2 ** (Number(found['power']) - 4 * part.length);
  return found['sign'] === '-' ? -value : value;
}

export function samplerWarnings(subject: Subject): readonly string[] {
  const sampler = objectAt(subject.spec, 'sampler') ?? {};
  const type = textAt(sampler, 'type');
  const argument = textAt(sampler, 'argument');
  const shared = variablesFor(subject, undefined);
  const overruling = ['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'].find((name) =>
    isSet(shared, name),
  );
  if (type !== undefined && overruling !== undefined) {
    return [`spec.sampler: has no effect, for spec.env sets ${overruling}`];
  }
  const warning = type === undefined ? untyped(argument) : typed(type, argument);
  return warning === undefined ? [] : [warning];
}

const untyped = (argument: string | undefined) =>
  argument === undefined ? undefined : `${path}: has no effect without spec.sampler.type`;

function typed(type: string, argument: string | undefined): string | undefined {
  if (plain.test(type) && argument !== undefined) return `${path}: has no effect with ${type}`;
  if (remotes.test(type) || type === 'xray') {
    return `spec.sampler.type: not every agent knows ${type}`;
  }
  if (!ratios.test(type)) return undefined;
  if (argument === undefined) return `${path}: without it ${type} keeps every trace`;
  if (!isShare(argument)) return undefined;
  if (!/^\d*\.?\d+(?:[eE][+-]?\d+)?$/.test(argument)) {
    return `${path}: not every agent reads a number in this form; write it like "0.25"`;
  }
  return Number(argument) === 0 ? `${path}: 0 keeps no trace that begins here` : undefined;
}

import { Schema, type ScalarTag } from 'yaml';

const bool: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  identify: (value) => typeof value === 'boolean',
  resolve: (text) => /^(?:y|t|on)/i.test(text),
  stringify: ({ value }) => String(value),
};

const integer: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?(?:0b[01_]+|0x[\da-fA-F_]+|0o?[0-7_]*|[1-9][\d_]*)$/,
  identify: (value) => Number.isInteger(value),
  resolve: (text) => {
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
    const amount = Number(digits.replace(/^0(?=[0-7])/, '0o'));
    return text.startsWith('-') ? -amount : amount;
  },
  stringify: ({ value }) => JSON.stringify(value),
};

const float: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^(?:[-+]?\d[\d_]*(?:\.[\d_]*)?|[-+]?\.\d[\d_]*)(?:[eE][-+]?\d+)?$/,
  identify: (value) => typeof value === 'number',
  resolve: (text) => Number(text.replaceAll('_', '')),
  stringify: ({ value }) => JSON.stringify(value),
};

const customTags = ['null' as const, bool, integer, float, 'merge' as const];

/**
 * YAML as Kubernetes' own tools read it, which is neither 1.1 nor 1.2: `yes` and `on` are booleans,
 * `0644` is octal and `<<` merges, but `1:30` and dates are text.
 */
export const dialect = new Schema({ schema: 'failsafe', customTags });

/** The same for what we write; it quotes text that readers of other dialects would take for something else. */
export const cautiousDialect = new Schema({ schema: 'failsafe', customTags, compat: 'yaml-1.1' });

const multipliers: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const form =
  /^(?<number>[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))(?:(?<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?<exponent>[+-]?\d{1,3}))?$/;

/** The amount that a Kubernetes quantity stands for, or nothing if it is none. */
export function quantity(value: unknown): number | undefined {
  const found = form.exec(typeof value === 'number' ? String(value) : text(value))?.groups;
  if (found?.['number'] === undefined) return undefined;
  const number = Number(`${found['number']}e${found['exponent'] ?? 0}`);
  return number * (multipliers[found['suffix'] ?? ''] ?? 1);
}

const text = (value: unknown) => (typeof value === 'string' && value.length <= 64 ? value : '');

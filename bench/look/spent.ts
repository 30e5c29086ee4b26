import { writeFileSync } from 'node:fs';

/*
 * Loaded before the program that is measured: once that is over it tells what was spent on it, in
 * the file that the environment names.
 */

export interface Spent {
  readonly cpuMs: number;
  readonly mostMb: number;
}

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const spent: Spent = { cpuMs: (userCPUTime + systemCPUTime) / 1_000, mostMb: maxRSS / 1_024 };
  writeFileSync(process.env['BENCH_SPENT'] ?? '/dev/null', JSON.stringify(spent));
});

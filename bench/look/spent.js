import { writeFileSync } from 'node:fs';

/*
 * Loaded before the program that is measured: once that is over it tells what was spent on it, in
 * the file that the environment names. In JavaScript, since to take the types off one file takes as
 * long as a tenth of what is measured.
 */

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const spent = { cpuMs: (userCPUTime + systemCPUTime) / 1_000, mostMb: maxRSS / 1_024 };
  writeFileSync(process.env['BENCH_SPENT'] ?? '/dev/null', JSON.stringify(spent));
});

/**
 * How often a controller has had a reason to try once more what it has tried: it began to lead, and knows
 * no more than what is in the cluster; or nobody answered it, and what became of its write is unknown.
 */
export async function reasonsToTry(metrics: () => Promise<string>): Promise<number> {
  const text = await metrics();
  return sum(text, beginnings) + sum(text, unanswered);
}

const beginnings = /^retrofit_leader_changes_total\{change="gained"\} (\d+)$/gm;
const unanswered =
  /^retrofit_api_requests_total\{verb="patch",resource="deployments",code="[A-Za-z]+"\} (\d+)$/gm;

const sum = (text: string, counts: RegExp) =>
  [...text.matchAll(counts)].reduce((total, [, count]) => total + Number(count), 0);

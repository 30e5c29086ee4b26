import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Asks a program of this bench one question, and waits for its answer. */
export async function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  const died = new AbortController();
  const dead = () => died.abort(new Error(`The program ended with ${child.exitCode}.`));
  child.once('exit', dead);
  try {
    const answer = once(child, 'message', { signal: died.signal });
    child.send(question);
    const [given] = (await answer) as [Answer];
    return given;
  } finally {
    child.off('exit', dead);
  }
}

/** Answers each question in its turn, for as long as somebody asks. */
export function answerAll(answer: (question: unknown) => Promise<object>): void {
  process.on('message', (question) => {
    answer(question).then(
      (given) => process.send?.(given),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit());
}

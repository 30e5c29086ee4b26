/** Nobody asks for room more often, whatever may have changed. */
const soonestMs = 120_000;
/** It is asked for so often though nothing says that it may have changed. */
const latestMs = 600_000;

/** Whether the installed definition of Instrumentations has room for a status, as writes have shown. */
export class Room {
  #isThere = true;
  #nextTryAt = Infinity;
  #notBefore = -Infinity;

  get isThere(): boolean {
    return this.#isThere;
  }

  /** When to try whether there is room again, by the clock of whoever asks. */
  get nextTryAt(): number {
    return this.#nextTryAt;
  }

  /** The installed definition may be another one: the first time that is said it is tried at once. */
  suspect(now: number): void {
    if (this.#isThere) return;
    this.#nextTryAt = Math.min(this.#nextTryAt, Math.max(now, this.#notBefore));
  }

  /** Whether one write may try now. Whoever asks has had the try, be it made or not. */
  takeTry(now: number): boolean {
    if (now < this.#nextTryAt) return false;
    this.#notBefore = now + soonestMs;
    this.#nextTryAt = now + latestMs;
    return true;
  }

  /** Whether that there is room is news. */
  find(): boolean {
    const isNews = !this.#isThere;
    this.#isThere = true;
    this.#nextTryAt = Infinity;
    return isNews;
  }

  /** Whether that there is none is news. */
  miss(now: number): boolean {
    const isNews = this.#isThere;
    this.#isThere = false;
    if (isNews) this.#nextTryAt = now + latestMs;
    return isNews;
  }
}

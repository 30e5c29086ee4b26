/*
 * Loaded before the webhook, so that the bench can ask what it holds. Garbage is collected first:
 * what is left is what something still refers to.
 */

process.on('message', (question) => {
  if (question !== 'heap') return;
  globalThis.gc?.();
  process.send?.(process.memoryUsage().heapUsed);
});

// Being asked is no reason to go on when everything else has ended.
process.channel?.unref();

const { createServer } = require('node:http');

/** Knows how much there is of everything. */
const server = createServer((request, response) => {
  response.end(JSON.stringify({ item: request.url.slice(1), left: 12 }));
});
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');

// Whoever has not heard yet that this pod is leaving is let in, and whoever was let in is answered.
process.once('SIGTERM', () => {
  setTimeout(() => setImmediate(() => server.close(() => process.exit())), 400);
});

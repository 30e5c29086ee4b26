const http = require('node:http');

/** What customers see: it shows their cart. */
const server = http.createServer((request, response) => {
  if (request.url === '/ready') {
    response.end();
    return;
  }
  const asked = http.get(`${process.env.CART_URL}/mine`, { agent: false }, (answer) => {
    response.writeHead(answer.statusCode);
    answer.pipe(response);
  });
  asked.on('error', () => response.writeHead(502).end());
});
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');

// Whoever has not heard yet that this pod is leaving is let in, and whoever was let in is answered.
process.once('SIGTERM', () => {
  setTimeout(() => setImmediate(() => server.close(() => process.exit())), 400);
});

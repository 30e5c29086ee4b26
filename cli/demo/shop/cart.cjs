const http = require('node:http');

/** Asks the stock about what is in the cart. */
const server = http.createServer((request, response) => {
  if (request.url === '/ready') {
    response.end();
    return;
  }
  const asked = http.get(`${process.env.STOCK_URL}/teapot`, { agent: false }, (answer) => {
    answer.pipe(response);
  });
  asked.on('error', () => response.writeHead(502).end());
});
server.listen(Number(process.env.PORT), '127.0.0.1');

// Whoever has not heard yet that this pod is leaving is still answered.
process.once('SIGTERM', () => setTimeout(() => process.exit(), 400));

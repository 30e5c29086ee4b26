const http = require('node:http');

/** Asks the stock about what is in the cart, and what it costs where somebody knows that. */
const server = http.createServer((request, response) => {
  if (request.url === '/ready') {
    response.end();
    return;
  }
  const { STOCK_URL, PRICES_URL } = process.env;
  const fail = () => response.writeHead(502).end();
  const ask = (url, use) => http.get(`${url}/teapot`, { agent: false }, use).on('error', fail);
  ask(STOCK_URL, (answer) => {
    if (!PRICES_URL) {
      answer.pipe(response);
      return;
    }
    answer.resume();
    ask(PRICES_URL, (price) => price.pipe(response));
  });
});
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');

// Whoever has not heard yet that this pod is leaving is let in, and whoever was let in is answered.
process.once('SIGTERM', () => {
  setTimeout(() => setImmediate(() => server.close(() => process.exit())), 400);
});

const http = require('node:http');

/** Asks what an item costs; and keeps it, when the stock asks back. */
const server = http.createServer(({ url }, response) => {
  const item = /^\/order\/(.+)$/.exec(url)?.[1];
  if (item === undefined) {
    response.end(url === '/own' ? process.title : 'kept');
    return;
  }
  const asked = http.get(`${process.env.PRICING_URL}/price/${item}`, { agent: false }, (answer) => {
    response.writeHead(answer.statusCode);
    answer.pipe(response);
  });
  asked.on('error', ({ message }) => response.writeHead(502).end(message));
});
server.listen(Number(process.env.PORT), '127.0.0.1');

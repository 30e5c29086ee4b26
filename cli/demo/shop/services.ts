import { createServer, connect, type AddressInfo, type Server } from 'node:net';

/** Where a Service can be reached while its pods come and go. */
export interface Service {
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * What kube-proxy is to a cluster: each connection goes to the next of the pods that are ready at
 * that moment.
 */
export async function openService(readyAddresses: () => readonly string[]): Promise<Service> {
  let turn = 0;
  const server = createServer((incoming) => {
    const addresses = readyAddresses();
    const [host, port] = addresses[turn++ % addresses.length]?.split(':') ?? [];
    if (host === undefined) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(Number(port), host);
    const end = () => {
      incoming.destroy();
      outgoing.destroy();
    };
    for (const socket of [incoming, outgoing]) socket.on('error', end);
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, stop: () => close(server) };
}

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
  });

import { createServer } from 'node:net';

/** Listens for an instant. Returns the port (a free one for 0), or the system's error code if it cannot be had. */
export async function tryPort(host: string, port: number): Promise<{ port: number } | { error: string }> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.name }));
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve({ port: bound }));
    });
  });
}

// Requests that no HTTP client would send.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Writes the bytes to the server and returns all that it answers until it closes the connection. */
export async function sendRaw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
  });
  // A server that refuses early may reset the connection while we still write.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(Buffer.from(request, 'latin1'));
  await once(socket, 'close');
  return answer;
}

/** A GET of any request target, well formed or not. */
export function sendTarget(url: string, target: string, headers = ''): Promise<string> {
  return sendRaw(url, `GET ${target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n${headers}\r\n`);
}

// Runs one service for a parent process: `node keeper.mjs '{"command", "args", "logFile", "stopTimeoutMs"}'`. The
// keeper leads its own process group, so that Ctrl-C in the parent's terminal does not reach the service. Its standard
// input is a pipe from the parent: when the pipe closes, even because the parent was killed, the keeper stops the
// service and ends. It writes one line, `{"pid"}` or `{"error"}`.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { constants } from 'node:os';

const { command, args, logFile, stopTimeoutMs } = JSON.parse(process.argv[2]);

let log;
try {
  log = openSync(logFile, 'w', 0o600);
} catch (error) {
  report({ error: `${error.code}, its log is ${logFile}` });
  process.exit(1);
}
// The service gets a pipe as well: a service that watches its standard input ends when the keeper is killed.
const service = spawn(command, args, { stdio: ['pipe', log, log] });

service.on('error', (error) => {
  report({ error: error.code });
  process.exitCode = 1;
});
service.on('spawn', () => report({ pid: service.pid }));
service.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
service.stdin.on('error', () => {});

process.stdin.resume();
process.stdin.on('error', () => {});
process.stdin.on('close', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

function report(line) {
  process.stdout.on('error', () => {});
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function stop() {
  service.kill('SIGTERM');
  setTimeout(() => service.kill('SIGKILL'), stopTimeoutMs).unref();
}

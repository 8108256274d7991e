// Bytes of a result that go from a thread to its caller as they are. Without this the caller gets a copy, and both are in
// memory until the thread collects its own.
import { move, transferableSymbol, valueSymbol } from 'piscina';

const moved = new WeakMap<object, readonly Uint8Array[]>();

/** Names bytes within a task's result that the task does not read any more. They own their memory. */
export function moveBytes<Result extends object>(result: Result, bytes: readonly Uint8Array[]): Result {
  moved.set(result, bytes);
  return result;
}

/** What piscina takes in place of `message`, which holds a task's result. */
export function withMovedBytes<Message extends object>(message: Message, result: unknown): Message {
  const bytes = typeof result === 'object' && result !== null ? moved.get(result) : undefined;
  if (!bytes) return message;
  const transferable = { [transferableSymbol]: bytes.map(({ buffer }) => buffer), [valueSymbol]: message };
  // Piscina unwraps it: the caller gets the message.
  return move(transferable) as unknown as Message;
}

// Loaded before every test file. Node's test runner follows each promise by an async hook, so that an error that reaches
// nobody is said of the test it began in. That takes a fifth of the tests' processor time, since every `await` makes
// promises. Without it a test still is told its own errors, those of timers and sockets that it opened, and its rejections.
import asyncHooks from 'node:async_hooks';

const { createHook } = asyncHooks;

asyncHooks.createHook = (callbacks) => createHook({ ...callbacks, trackPromises: false });

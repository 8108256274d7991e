// Loaded first into each process of tests. Node's test runner has a hook called for every promise, in order to say to which
// test an error belongs that is thrown outside of any. That takes a fifth of the suite's processor time. Without the hook
// such an error still fails its file, under the name of the file.
import asyncHooks from 'node:async_hooks';

const idle = { enable: () => idle, disable: () => idle };
// The runner takes the function from this object when it is loaded, which is later.
Object.assign(asyncHooks, { createHook: () => idle });

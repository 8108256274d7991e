// Loaded before every test file of a run with a TEST_SEED: fast-check then starts each property from that seed.
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.TEST_SEED) });

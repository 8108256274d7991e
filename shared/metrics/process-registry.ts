// The metrics that every process of the service has: those of Node, and which version it is.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };

/** A new registry with the metrics of this process. `part` is the label `process`: `api` or `workers`. */
export function createProcessRegistry(part: 'api' | 'workers'): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const buildInfo = new Gauge({
    name: 'masker_build_info',
    help: 'Always 1. version: of the service. node: of the Node that runs it. process: api or workers.',
    labelNames: ['version', 'node', 'process'],
    registers: [registry],
  });
  buildInfo.set({ version: packageJson.version, node: process.versions.node, process: part }, 1);
  return registry;
}

// Counts and times requests, by the pattern of their route: a path holds ids, and would make a series of each.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a request ended. `route` is the pattern of its route; undefined where none took it. */
export type EndedRequest = Readonly<{
  method: string;
  route: string | undefined;
  /** Null where the caller was gone before the answer began. */
  status: number | null;
  durationS: number;
}>;

export type RequestMeter = Readonly<{
  begin(): void;
  /** Counts what was refused before it was a request. */
  refuse(status: number): void;
  /** Requires a `begin` before it. */
  end(request: EndedRequest): void;
}>;

/** Seconds: from an answer out of memory to a report at its deadline. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Node takes some 30 methods, and whoever sends them would make as many series. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const LABELS = ['method', 'route', 'status'] as const;

export function createRequestMeter(registry: Registry): RequestMeter {
  const registers = [registry];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests that ended. route: its pattern, or unmatched. status: 2xx to 5xx, or aborted where the caller was gone first.',
    labelNames: LABELS,
    registers,
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the last byte of its answer; labels as in http_requests_total.',
    labelNames: LABELS,
    buckets: BUCKETS_S,
    registers,
  });
  const rateLimited = new Counter({
    name: 'http_requests_rate_limited_total',
    help: 'Requests that were refused with 429, since their account sent too many.',
    labelNames: ['route'],
    registers,
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that wait for their answer or for the rest of it.',
    registers,
  });
  return {
    begin: () => inFlight.inc(),
    refuse(status) {
      requests.inc({ method: 'other', route: 'unmatched', status: classOf(status) });
    },
    end({ method, route = 'unmatched', status, durationS }) {
      inFlight.dec();
      const labels = {
        method: METHODS.has(method) ? method : 'other',
        route,
        status: status === null ? 'aborted' : classOf(status),
      };
      requests.inc(labels);
      durations.observe(labels, durationS);
      if (status === 429) rateLimited.inc({ route });
    },
  };
}

function classOf(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}

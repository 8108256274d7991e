// What scripts/deploy brings names only metrics, settings, commands and pages that there are.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { load, loadAll, YAML11_SCHEMA } from 'js-yaml';
import { Histogram, type Registry } from 'prom-client';
import which from 'which';
import { createMetrics } from '../../api/http/metrics.ts';
import type { Samples } from '../../api/routes/metrics/gather-samples.ts';
import { registerLogGauges } from '../../api/routes/metrics/log-gauges.ts';
import { registerSamples } from '../../api/routes/metrics/register-samples.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { LOG_FAULTS } from '../../shared/audit/verdict.ts';
import { parseConfig } from '../../shared/process/config.ts';
import { createWorkerMetrics, registerServices } from '../../workers/watch/worker-metrics.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEPLOY = join(ROOT, 'scripts/deploy');
const read = (name: string) => readFileSync(join(DEPLOY, name), 'utf8');

type Rules = { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] };
type Panels = { panels: { title: string; targets?: { expr: string }[] }[] };

/** Names as a query may use them: a histogram has no samples of its own name. */
function namesIn(registries: readonly Registry[]): Set<string> {
  const found = registries.flatMap((registry) => registry.getMetricsAsArray());
  const names = found.flatMap((metric) =>
    metric instanceof Histogram ? SUFFIXES.map((suffix) => metric.name + suffix) : [metric.name],
  );
  return new Set(['up', ...names]);
}

const SUFFIXES = ['_bucket', '_sum', '_count'];

const api = createMetrics();
registerSamples(api.registry, () => Promise.reject<Samples>(new Error('No service is asked')));
registerLogGauges(api.registry, {} as never);
const workers = createWorkerMetrics();
registerServices(workers, { mongodb: async () => true, redis: async () => true });

/** The names that a query takes samples of. */
function metricsOf(query: string): string[] {
  const bare = query
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(by|without) \([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '');
  return (bare.match(/\b[a-z_][a-z0-9_]*\b(?! *\()/g) ?? []).filter(
    (word) => !/^(and|or|unless|by)$/.test(word),
  );
}

const NAMES = namesIn([api.registry, workers.registry]);

test('the names of metrics in a query are found, and a name that is none is noticed', () => {
  const query =
    'topk(10, sum by (le, route) (rate(http_requests_total{status="5xx",route!~"a_b"}[5m]))) / up > 0.5';
  assert.deepEqual(metricsOf(query), ['http_requests_total', 'up']);
  assert.ok(!NAMES.has('masker_report_duration_seconds'));
  assert.ok(NAMES.has('masker_report_duration_seconds_bucket'));
});

test('every metric that an alert names exists', () => {
  const { groups } = load(read('alerts.yaml')) as Rules;
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length >= 10);
  for (const { alert, expr, annotations } of rules) {
    assert.deepEqual(
      metricsOf(expr).filter((name) => !NAMES.has(name)),
      [],
      alert,
    );
    assert.ok(annotations.summary && annotations.action, `${alert} says what is wrong and what to do`);
    for (const [page] of (annotations.action ?? '').matchAll(/scripts\/deploy\/[\w-]+\.md/g)) {
      assert.ok(existsSync(join(ROOT, page)), page);
    }
  }
});

test('every metric that the dashboard names exists, and each of ours about requests, reports and jobs is shown', () => {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as Panels;
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(queries.length >= 20);
  const named = new Set(queries.flatMap(metricsOf));
  assert.deepEqual(
    [...named].filter((name) => !NAMES.has(name)),
    [],
  );
  const shown = [...named].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  const ours = [...NAMES]
    .filter((name) => /^(http|masker_(build|job|jobs|pdf|report))_/.test(name))
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  assert.deepEqual(
    ours.filter((name) => !shown.includes(name)),
    [],
  );
});

const PROMTOOL = await which('promtool', { nothrow: true });
const WITH_PROMTOOL = { skip: PROMTOOL === null && 'there is no promtool (Debian: prometheus) on the PATH' };

test('promtool accepts the alert rules', WITH_PROMTOOL, () => {
  execFileSync(PROMTOOL as string, ['check', 'rules', join(DEPLOY, 'alerts.yaml')]);
});

const KUBECTL = await which('kubectl', { nothrow: true });
const WITH_KUBECTL = { skip: KUBECTL === null && 'there is no kubectl on the PATH' };

type Container = {
  name: string;
  image: string;
  securityContext: Record<string, unknown>;
  resources: { limits: Record<string, string> };
  env?: { name: string; value: string }[];
} & Record<'livenessProbe' | 'readinessProbe' | 'startupProbe', { httpGet: { path: string } }>;
type Manifest = {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    template?: {
      metadata: { labels: Record<string, string> };
      spec: { containers: Container[]; securityContext: object };
    };
  };
};

test(
  'the Kubernetes manifests render, with probes, limits, no root, and a disruption budget each',
  WITH_KUBECTL,
  (t) => {
    const rendered = execFileSync(KUBECTL as string, ['kustomize', join(DEPLOY, 'kubernetes')], {
      encoding: 'utf8',
    });
    const manifests = loadAll(rendered) as Manifest[];
    const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
    const deployments = ofKind('Deployment');
    assert.deepEqual(
      deployments.map(({ metadata }) => metadata.name),
      ['masker-api', 'masker-workers'],
    );
    for (const { spec } of deployments) {
      const template = spec?.template;
      assert.ok(template);
      const [container] = template.spec.containers;
      assert.ok(container);
      assert.equal(container.livenessProbe.httpGet.path, '/health/live');
      assert.equal(container.startupProbe.httpGet.path, '/health/live');
      assert.equal(container.readinessProbe.httpGet.path, '/health/ready');
      assert.deepEqual(Object.keys(container.resources.limits), ['cpu', 'memory']);
      assert.partialDeepStrictEqual(template.spec.securityContext, { runAsNonRoot: true, runAsUser: 1000 });
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      });
      const budgets = ofKind('PodDisruptionBudget').map((budget) => budget.spec?.selector?.matchLabels ?? {});
      const name = template.metadata.labels['app.kubernetes.io/name'];
      assert.ok(budgets.some((labels) => labels['app.kubernetes.io/name'] === name));
    }
    const settings = ofKind('ConfigMap')[0]?.data ?? {};
    assert.equal(parsedInProduction(t, settings, '/run/secrets/masker').workersPort, 9090);
  },
);

/** The configuration that a process gets, with the secrets that `make-secrets.sh` makes. Fails for a setting that there is not. */
function parsedInProduction(t: TestContext, settings: Readonly<Record<string, string>>, mountedAt: string) {
  const secrets = join(temporaryFolder(t), 'secrets');
  makeSecrets(secrets);
  const documented = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const env = Object.entries(settings).map(([name, value]) => {
    assert.match(
      documented,
      new RegExp(`\`${name.replace(/_FILE$/, '')}\``),
      `README has the setting ${name}`,
    );
    return [name, String(value).replace(mountedAt, secrets)];
  });
  return parseConfig({ ...Object.fromEntries(env), NODE_ENV: 'production' });
}

function makeSecrets(folder: string): string {
  return execFileSync('sh', [join(DEPLOY, 'make-secrets.sh'), folder], { encoding: 'utf8' });
}

type Compose = {
  secrets: Record<string, { file: string }>;
  services: Record<string, { environment?: Record<string, string>; secrets?: string[]; volumes?: string[] }>;
};

test('the compose file gives each process keys and passwords from files that make-secrets.sh makes', (t) => {
  const { services, secrets } = load(read('compose.yaml'), { schema: YAML11_SCHEMA }) as Compose;
  const made = makeSecrets(join(temporaryFolder(t), 'all')).match(/[\w]+$/gm) ?? [];
  assert.deepEqual(Object.keys(secrets).sort(), made.sort());
  for (const [name, { file }] of Object.entries(secrets))
    assert.equal(file, `\${SECRETS_DIR:-./secrets}/${name}`);
  for (const name of ['api', 'workers'] as const) {
    const service = services[name];
    const env = Object.entries(service?.environment ?? {});
    const settings = env.map(([key, value]) => [
      key,
      String(value).replace(/^\$\{\w+:([-?]).*\}$/, (_, kind) =>
        kind === '-' ? '' : 'evidence.example.org',
      ),
    ]);
    const config = parsedInProduction(t, Object.fromEntries(settings), '/run/secrets');
    assert.equal(config.auditKeys.length, 1);
    assert.match(
      config.mongodbUri ?? '',
      /^mongodb:\/\/masker:\w+@mongodb:27017\/\?authSource=masker&replicaSet=rs0$/,
    );
    assert.match(config.redisUrl ?? '', /^redis:\/\/:\w+@redis:6379$/);
    for (const [key, value] of settings) {
      if (key?.endsWith('_FILE') && value !== '')
        assert.ok(service?.secrets?.includes(value?.split('/').at(-1) ?? ''), key);
    }
  }
});

test('make-secrets.sh keeps what is there, and lets others not in', (t) => {
  const folder = join(temporaryFolder(t), 'secrets');
  makeSecrets(folder);
  const before = globSync(`${folder}/*`).map((file) => readFileSync(file, 'utf8'));
  assert.equal(makeSecrets(folder), '');
  assert.deepEqual(
    globSync(`${folder}/*`).map((file) => readFileSync(file, 'utf8')),
    before,
  );
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

const PAGES = globSync('*.md', { cwd: DEPLOY }).sort();

test('README leads to each page on running the service', () => {
  assert.deepEqual(PAGES, ['backup.md', 'key-rotation.md', 'log-failed.md', 'upgrade.md']);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const page of PAGES) assert.ok(readme.includes(`](scripts/deploy/${page})`), page);
});

for (const page of PAGES) {
  test(`${page} names only commands, options, pages and settings that there are`, () => {
    const text = read(page);
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)/g)) {
      assert.ok(existsSync(join(DEPLOY, dirname(target), target.split('/').at(-1) ?? '')), target);
    }
    for (const [typed, name = '', options = ''] of text.matchAll(/npm run ([\w:-]+)([^`\n#]*)/g)) {
      const script = (packageJson.scripts as Record<string, string>)[name];
      assert.ok(script, typed);
      const source = readFileSync(join(ROOT, / (scripts\/\S+\.ts)/.exec(script)?.[1] ?? ''), 'utf8');
      for (const [option] of options.matchAll(/--[a-z][\w-]*/g)) assert.ok(source.includes(option), typed);
    }
  });
}

test('the runbook of a failed log names every fault', () => {
  const text = read('log-failed.md');
  assert.deepEqual(
    LOG_FAULTS.filter((fault) => !text.includes(`\`${fault}\``)),
    [],
  );
});

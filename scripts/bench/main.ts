// `npm run bench`: measures the program against its targets. A missed target is a result, not an error.
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onShutdownSignal, ReleaseStack } from '../../shared/process/release.ts';
import { callerPath } from '../command/caller-file.ts';
import { EXIT, type ExitCode, runCommand, UsageError } from '../command/command.ts';
import { terminalText } from '../command/terminal-text.ts';
import { openContext } from './context.ts';
import { describeMachine, nameMachine } from './machine.ts';
import { isMet, type Measurement } from './measurement.ts';
import { drawPlot } from './plot.ts';
import { SECTION_NAMES, SECTIONS, type SectionName } from './sections.ts';
import { formatTable } from './table.ts';

const USAGE = `usage: npm run bench [-- OPTIONS]

Measures these sections against their targets, with the MongoDB that MONGODB_URI names or npm start runs, else its own:
${SECTIONS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

  --quick        fewer rounds, no log of 1,000,000 entries, no list of 100,000 sessions
  --only NAMES   these sections only, such as --only hash,pdf
  --json FILE    writes the results to a file as well
  --plot FILE    draws cost against log length as an SVG, from the reports section

exit: 0 measured, whether or not the targets were met, 1 an error, 64 usage`;

const OPTIONS = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  json: { type: 'string' },
  plot: { type: 'string' },
} as const;

const STOP_TIMEOUT_MS = 20_000;

type Request = Readonly<{
  quick: boolean;
  only: ReadonlySet<SectionName>;
  jsonFile: string | null;
  plotFile: string | null;
}>;

async function bench({ quick, only, jsonFile, plotFile }: Request): Promise<ExitCode> {
  // Fails now rather than after minutes of measuring.
  if (jsonFile !== null) await assertWritable(dirname(jsonFile), '--json');
  if (plotFile !== null) await assertWritable(dirname(plotFile), '--plot');
  const machine = describeMachine();
  const startedAt = new Date();
  say(nameMachine(machine));

  const measurements: Measurement[] = [];
  try {
    await measure(quick, only, measurements);
  } finally {
    // Also what was measured before one section failed or the run was stopped.
    if (measurements.length > 0) console.log(`\n${nameMachine(machine)}\n\n${formatTable(measurements)}`);
    if (jsonFile !== null) {
      const results = measurements.map((each) => ({ ...each, met: isMet(each) }));
      const report = { started_at: startedAt.toISOString(), machine, quick, results };
      await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    }
    const plot = plotFile === null ? null : drawPlot(measurements, nameMachine(machine));
    if (plotFile !== null && plot !== null) await writeFile(plotFile, plot);
  }
  return EXIT.done;
}

/** Adds each section's measurements as soon as they are there. */
async function measure(
  quick: boolean,
  only: ReadonlySet<SectionName>,
  measurements: Measurement[],
): Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  onShutdownSignal((reason) => stopping.abort(new Error(`Stopped (${reason})`)));
  await using resources = new ReleaseStack(STOP_TIMEOUT_MS);
  const context = openContext({ resources, say, signal });
  for (const section of SECTIONS) {
    if (only.has(section.name)) measurements.push(...(await section.measure(quick, context)));
  }
}

async function assertWritable(folder: string, option: string): Promise<void> {
  await access(folder, constants.W_OK).catch(() => {
    throw new Error(
      `The folder ${terminalText(folder)} is not writable: give ${option} a file in another folder.`,
    );
  });
}

/** Progress goes to stderr, apart from the results. */
function say(line: string): void {
  console.error(line);
}

function parseOnly(text: string | undefined): ReadonlySet<SectionName> {
  if (text === undefined) return new Set(SECTION_NAMES);
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !SECTION_NAMES.some((known) => known === name));
  if (unknown === undefined) return new Set(names as SectionName[]);
  throw new UsageError(`There is no section "${terminalText(unknown)}": use ${SECTION_NAMES.join(', ')}.`);
}

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (positionals.length > 0) throw new UsageError('npm run bench takes options only.');
    const { quick = false, json = null, plot = null } = values;
    const only = parseOnly(values.only);
    if (plot !== null && !only.has('reports'))
      throw new UsageError('--plot draws the section reports: add it to --only.');
    return await bench({
      quick,
      only,
      jsonFile: json && callerPath(json),
      plotFile: plot && callerPath(plot),
    });
  });
}

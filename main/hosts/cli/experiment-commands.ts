import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { LIMITS, TraceFormat } from '../../contract/index.ts'
import { aaCommand } from './aa-command.ts'
import { type CommandLine, collect, path, type Shared, wholeNumber, writeNew } from './command-line.ts'
import { addNotes } from './help-text.ts'
import { allocatorsText, codecsText, lanesText, policiesText, presetsText, workloadsText } from './listings.ts'
import { labDoor } from './open-client.ts'
import { openOutput } from './output.ts'
import { moreCommand, runCommand, validateCommand } from './run-command.ts'
import type { SpecInput } from './spec-input.ts'
import { type SweepsOptions, sweepCommand, sweepsCommand } from './sweep-command.ts'
import { traceCommand } from './trace-command.ts'

type SpecOptions = Omit<SpecInput, 'file'>

/** The options that say, beside [spec], which experiment. */
const withSpecOptions = (command: Command): Command =>
  command
    .option('--preset <name>', 'quick, standard, thorough, remote or twin (default: standard)')
    .option('--workload <name>', 'a workload of the set, sized for the RAM; see "swaplab workloads"')
    .option('--set <key=value>', 'replaces a field, e.g. workload.pages=20000; may be repeated', collect, [])

/** Those of an experiment that is, or would be, carried out. */
const withRunOptions = (command: Command): Command =>
  withSpecOptions(command)
    .option('--swap-dir <dir>', 'directory of the swap file: the disk to be measured (default: the history’s)', path)
    .option(
      '--privileged',
      'allow sudo or pkexec for the kernel lanes, which change swap settings for each trial',
      false,
    )
type RunFlags = Shared & SpecOptions & { swapDir?: string; privileged: boolean }

/** Running experiments, and what there is to choose from for one. */
export function addExperimentCommands({ command, inLab }: CommandLine): void {
  const run = withRunOptions(
    command('run [spec]', 'carries out an experiment (YAML or JSON file, - for stdin), saves it, prints the report'),
  )
  addNotes(run, {
    examples: [
      ['swaplab run --preset quick', 'is writeback worth it here? in under a minute'],
      ['swaplab run spec.yaml --swap-dir /mnt/nvme', 'your own experiment, on another disk'],
      ["swaplab run --set 'workload.access={pattern: uniform}'", 'values are YAML: a whole object is replaced'],
      ['swaplab run --preset quick --json > run.json', 'the report as one document'],
    ],
    notes: [
      '"swaplab validate" takes the same, starts nothing, and prints the experiment with every field.',
      'Ctrl-C cancels and keeps what was measured; a second one ends at once.',
    ],
  })
  run.action((file: string | undefined, options: RunFlags) =>
    inLab(options, ({ client, close, out, dataDir }) => runCommand(client, close, { ...options, file, dataDir }, out)),
  )

  const validate = withRunOptions(
    command('validate [spec]', 'says what "run" would refuse an experiment for; prints it with every field (YAML)'),
  )
  addNotes(validate, {
    examples: [['swaplab validate --preset quick > spec.yaml', 'a start for a specification of your own']],
    notes: ['Policy files are loaded, so what stands outside of their hooks runs.'],
  })
  validate.action((file: string | undefined, options: RunFlags) =>
    inLab(options, ({ client, out, dataDir }) => validateCommand(client, { ...options, file, dataDir }, out)),
  )

  command('more <run>', 'adds trials to a finished run until its verdicts stand')
    .option('--privileged', 'allow sudo or pkexec for the kernel lanes', false)
    .action((id: string, { privileged, ...options }: Shared & { privileged: boolean }) =>
      inLab(options, ({ client, close, out, dataDir }) => moreCommand(client, close, { id, privileged, dataDir }, out)),
    )
  withRunOptions(
    command('aa [spec]', 'one lane against itself in one run: it must be the same, or lab or host cannot be trusted'),
  )
    .option('--lane <label>', 'the lane (default: the first)')
    .option('--repeat <n>', 'this many runs, each in another order', wholeNumber(1, 1000), 1)
    .action((file: string | undefined, options: RunFlags & { lane?: string; repeat: number }) =>
      inLab(options, ({ client, close, out }) => aaCommand(client, close, { ...options, file }, out)),
    )

  const sweep = withSpecOptions(
    command(
      'sweep [spec]',
      'simulates every combination of some values on all CPUs, and prints them beside each other',
    ),
  )
    .option('--vary <key=values>', 'a field and its values, e.g. memory.pool=1024,2048; may be repeated', collect, [])
    .option(
      '--metric <name>',
      'a column, e.g. fault.ns.p99; may be repeated; the first one orders the rows',
      collect,
      [],
    )
  addNotes(sweep, {
    examples: [
      ['swaplab sweep --preset quick --vary memory.pool=1024,2048', 'one field'],
      ['swaplab sweep --vary lanes.2.policy=none,lru-frame --metric fault.ns.p99', 'ordered by one metric'],
    ],
    notes: [
      'Nothing is measured: what looks best here is for "swaplab run" to confirm on the disk. Values are YAML, parted by commas.',
      'Combinations that are not possible are told; a value that is possible in none is refused. Nothing else is measured meanwhile: all CPUs are busy.',
      'Ctrl-C cancels and keeps the points that have ended; a second one ends at once.',
    ],
  })
  sweep.action((file: string | undefined, options: Shared & SpecOptions & { vary: string[]; metric: string[] }) =>
    inLab(options, ({ client, close, out, dataDir }) =>
      sweepCommand(client, close, { ...options, file, dataDir }, out),
    ),
  )

  const sweeps = command(
    'sweeps [sweep]',
    'sweeps that are kept, newest first, or what one came to; the beginning of its id will do',
  )
    .option('--metric <name>', 'a column, as of "swaplab sweep"; may be repeated', collect, [])
    .option(
      '--measure <n>',
      'prints its best n lanes, by the first --metric, as one experiment to be measured (YAML); lanes in which nothing varies come with them',
      wholeNumber(1, LIMITS.lanes.max),
    )
    .option('--cancel', 'ends it, in whichever window or terminal; its points are kept', false)
    .option('--delete', 'removes it', false)
    .option('--undelete', 'brings it back, for ten minutes', false)
  addNotes(sweeps, {
    examples: [
      ['swaplab sweeps 20260102 --measure 3 > best.yaml', 'a simulation proposes …'],
      ['swaplab run best.yaml', '… and the disk decides'],
    ],
  })
  sweeps.action((id: string | undefined, options: Shared & Omit<SweepsOptions, 'id'>) =>
    inLab(options, ({ client, out }) => sweepsCommand(client, { ...options, id }, out)),
  )

  command('presets', 'complete specifications to start from').action((options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const presets = await client.presets()
      out.product(presets, () => presetsText(presets))
      return undefined
    }),
  )
  command('workloads', 'workloads with names, for --workload').action((options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const workloads = await client.workloads()
      out.product(workloads, () => workloadsText(workloads))
      return undefined
    }),
  )
  const trace = withSpecOptions(
    command('trace [spec]', 'writes the accesses of an experiment to a file, for other simulators or for replay'),
  )
    .addOption(
      new Option('--format <format>', 'csv: time,id,op; oracleGeneral: libCacheSim’s, without writes and frees')
        .choices(TraceFormat.options)
        .default('csv'),
    )
    .requiredOption('--out <file>', 'a new file; a name that ends in .zst is compressed', path)
  addNotes(trace, {
    examples: [['swaplab trace --preset quick --out quick.csv', 'what "run" would touch, in its order']],
  })
  trace.action((file: string | undefined, options: Shared & SpecOptions & { format: TraceFormat; out: string }) =>
    inLab(options, ({ client, out }) => traceCommand(client, { ...options, file }, out)),
  )
  command('lanes', 'ways of running a workload').action((options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const lanes = await client.lanes()
      out.product(lanes, () => lanesText(lanes))
      return undefined
    }),
  )
  command('policies', 'what decides which pages are written back')
    .option(
      '--new <file>',
      'writes a policy of your own to start from (.ts or .mjs); a file that exists is left alone',
      path,
    )
    .action(async (options: Shared & { new?: string }) => {
      if (options.new !== undefined) {
        const file = resolve(options.new)
        const { newPolicyText } = await labDoor()
        writeNew(file, newPolicyText(file), 'new')
        openOutput(options.json).product(
          { out: file },
          () => `Written to ${file}. It runs as it is: --set lanes.2.policy=${file}`,
        )
        return
      }
      await inLab(options, async ({ client, out }) => {
        const policies = await client.policies()
        out.product(policies, () => policiesText(policies))
        return undefined
      })
    })
  command('allocators', 'what zpages are packed into frames by, and which give a frame back on demand').action(
    (options: Shared) =>
      inLab(options, async ({ client, out }) => {
        const allocators = await client.allocators()
        out.product(allocators, () => allocatorsText(allocators))
        return undefined
      }),
  )
  command('codecs', 'compressors, and why one is unavailable here').action((options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const codecs = await client.codecs()
      out.product(codecs, () => codecsText(codecs))
      return undefined
    }),
  )
}

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { CalibrationPeer, type Comparison, LabError, TraceFormat } from '../../contract/index.ts'
import { defaultDataDir } from '../data-dir.ts'
import { aaCommand } from './aa-command.ts'
import { EXIT, exitCodeOfFault } from './exit-code.ts'
import { junitXml } from './junit.ts'
import {
  calibrationText,
  codecsText,
  comparisonText,
  hostText,
  laneComparisonText,
  lanesText,
  policiesText,
  presetsText,
  runsText,
  trendText,
  workloadsText,
} from './listings.ts'
import { type Client, labDoor, openClient, swaplabVersion, unwrap } from './open-client.ts'
import { type Output, openOutput, sayFault } from './output.ts'
import { reportText } from './report-text.ts'
import { moreCommand, runCommand } from './run-command.ts'
import { readText } from './spec-input.ts'
import { traceCommand } from './trace-command.ts'

interface Shared {
  data: string
  json: boolean
}

interface CalibrateFlags extends Shared {
  swapDir?: string
  codecs: boolean
  disk: boolean
  against?: CalibrationPeer
  privileged: boolean
}

interface Session {
  client: Client
  close: () => Promise<void>
  out: Output
  dataDir: string
}

const EXAMPLES = `
Examples:
  swaplab run --preset quick                          is writeback worth it here? in under a minute
  swaplab run spec.yaml --swap-dir /mnt/nvme --json   your own experiment, on another disk
  swaplab run --preset standard --set lanes.1.codec=zstd --set trials=10
  swaplab run --preset quick --workload gc            the same on a garbage-collected heap
  swaplab aa --preset quick                           is a lane the same as itself on this host?
  swaplab compare 20260102 20260203 --gate 'fault.ns.p99<=+5%'
  swaplab baseline 20260102                           what later runs of it are compared with
  swaplab serve                                       the same lab in a browser

Exit codes: 0 done, 1 failed, 2 bad input, 3 a gate was broken.`

function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`)
    return value
  }
}

/** An empty path would silently mean the folder one stands in. */
function path(text: string): string {
  if (text === '') throw new InvalidArgumentError('It takes a path.')
  return text
}

const collect = (value: string, before: string[]) => [...before, value]

/**
 * Carries out one command line (without node and script).
 * @returns the exit code; nothing is thrown
 */
export async function carryOut(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json')
  let code: number = EXIT.done
  const program = new Command('swaplab')
    .description('A desktop lab for compressed swap, in a terminal.')
    .version(swaplabVersion())
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })

  /** A command with the flags that all share; its settings are inherited, so that every error ends the same way. */
  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option('--data <dir>', 'folder of the history', path, defaultDataDir())
      .option('--json', 'one JSON document on stdout, everything else on stderr', false)

  /** Opens the lab, does the work, closes the lab. */
  const inLab = async (shared: Shared, work: (session: Session) => Promise<number | undefined>) => {
    const dataDir = resolve(shared.data)
    const { client, close } = await openClient(dataDir)
    try {
      code = (await work({ client, close, out: openOutput(shared.json), dataDir })) ?? EXIT.done
    } finally {
      await close()
    }
  }

  command('run [spec]', 'carries out an experiment (YAML or JSON file, - for stdin), saves it, prints the report')
    .option('--preset <name>', 'quick, standard, thorough or twin (default: standard)')
    .option('--workload <name>', 'a workload of the set, sized for the RAM; see "swaplab workloads"')
    .option('--set <key=value>', 'replaces a field, e.g. workload.pages=20000; may be repeated', collect, [])
    .option('--swap-dir <dir>', 'directory of the swap file: the disk to be measured (default: the history’s)', path)
    .option(
      '--privileged',
      'allow sudo or pkexec for the kernel lanes, which change swap settings for each trial',
      false,
    )
    .addHelpText(
      'after',
      `
Values of --set are YAML: --set 'workload.access={pattern: uniform}' replaces a whole object.
Ctrl-C cancels and keeps what was measured; a second one ends at once.`,
    )
    .action(
      (
        spec: string | undefined,
        options: Shared & { preset?: string; workload?: string; set: string[]; swapDir?: string; privileged: boolean },
      ) =>
        inLab(options, ({ client, close, out, dataDir }) => {
          const { preset, workload, set, swapDir, privileged } = options
          return runCommand(client, close, { file: spec, preset, workload, set, swapDir, privileged, dataDir }, out)
        }),
    )

  command('more <run>', 'adds trials to a finished run until its verdicts stand')
    .option('--privileged', 'allow sudo or pkexec for the kernel lanes', false)
    .action((id: string, { privileged, ...options }: Shared & { privileged: boolean }) =>
      inLab(options, ({ client, close, out, dataDir }) => moreCommand(client, close, { id, privileged, dataDir }, out)),
    )
  command('aa [spec]', 'one lane against itself in one run: it must be the same, or lab or host cannot be trusted')
    .option('--preset <name>', 'quick, standard or thorough (default: standard)')
    .option('--workload <name>', 'a workload of the set, sized for the RAM')
    .option('--set <key=value>', 'replaces a field; may be repeated', collect, [])
    .option('--swap-dir <dir>', 'directory of the swap file', path)
    .option('--lane <label>', 'the lane (default: the first)')
    .option('--repeat <n>', 'this many runs, each in another order', wholeNumber(1, 1000), 1)
    .action(
      (
        file: string | undefined,
        options: Shared & {
          preset?: string
          workload?: string
          set: string[]
          swapDir?: string
          lane?: string
          repeat: number
        },
      ) =>
        inLab(options, ({ client, close, out }) => {
          const { preset, workload, set, swapDir, lane, repeat } = options
          return aaCommand(client, close, { file, preset, workload, set, swapDir, lane, repeat }, out)
        }),
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
  command('trace [spec]', 'writes the accesses of an experiment to a file, for other simulators or for replay')
    .option('--preset <name>', 'quick, standard, thorough or twin (default: standard)')
    .option('--workload <name>', 'a workload of the set, sized for the RAM')
    .option('--set <key=value>', 'replaces a field; may be repeated', collect, [])
    .addOption(
      new Option('--format <format>', 'csv: time,id,op; oracleGeneral: libCacheSim’s, without writes and frees')
        .choices(TraceFormat.options)
        .default('csv'),
    )
    .requiredOption('--out <file>', 'a new file; a name that ends in .zst is compressed')
    .action(
      (
        file: string | undefined,
        options: Shared & {
          preset?: string
          workload?: string
          set: string[]
          format: TraceFormat
          out: string
        },
      ) => inLab(options, ({ client, out }) => traceCommand(client, { ...options, file, preset: options.preset }, out)),
    )
  command('lanes', 'ways of running a workload').action((options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const lanes = await client.lanes()
      out.product(lanes, () => lanesText(lanes))
      return undefined
    }),
  )
  command('policies', 'what decides which pages are written back')
    .option('--new <file>', 'writes a policy of your own to start from (.ts or .mjs); a file that exists is left alone')
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
  command('codecs', 'compressors, and why one is unavailable here').action((options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const codecs = await client.codecs()
      out.product(codecs, () => codecsText(codecs))
      return undefined
    }),
  )

  command('list', 'the history, newest first')
    .option('--search <text>', 'looked for in name, note, tags, headline and id', '')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1000), 50)
    .option('--offset <n>', 'leave out the newest n', wholeNumber(0, 1e9), 0)
    .action((options: Shared & { search: string; limit: number; offset: number }) =>
      inLab(options, async ({ client, out }) => {
        const { search, limit, offset } = options
        const page = await client.runs.list({ search, limit, offset })
        out.product(page, () => runsText(page, search !== '' || offset > 0))
        return undefined
      }),
    )
  command('show <run>', 'the report of a run; the beginning of its id will do').action((id: string, options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const document = await client.runs.get({ id })
      const readable = await labDoor()
      out.product(document, () => reportText(document, readable))
      return undefined
    }),
  )
  command('cancel <run>', 'ends a run of any window or terminal; what was measured is kept').action(
    (id: string, options: Shared) =>
      inLab(options, async ({ client, out }) => {
        const answer = await client.runs.cancel({ id })
        out.product(answer, () => (answer.cancelled ? 'It was asked to end.' : 'It had ended already.'))
        return undefined
      }),
  )
  command('delete <run>', 'removes a run; "undelete" brings it back for ten minutes').action(
    (id: string, options: Shared) =>
      inLab(options, async ({ client, out }) => {
        const answer = await client.runs.delete({ id })
        out.product(answer, () => `Deleted. "swaplab undelete ${id}" brings it back until ${answer.undoUntil}.`)
        return undefined
      }),
  )
  command('undelete <run>', 'brings a deleted run back; takes the whole id').action((id: string, options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const run = await client.runs.undelete({ id })
      out.product(run, () => `${run.id} (${run.name}) is back.`)
      return undefined
    }),
  )
  command('tag <run> [tags...]', "replaces a run's tags; with none, takes them away").action(
    (id: string, tags: string[], options: Shared) =>
      inLab(options, async ({ client, out }) => {
        const run = await client.runs.tag({ id, tags })
        out.product(run, () => `${run.id}: ${run.tags.join(', ') || 'no tags'}`)
        return undefined
      }),
  )
  command('note <run> <text>', "replaces a run's note").action((id: string, note: string, options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const run = await client.runs.note({ id, note })
      out.product(run, () => `${run.id}: ${run.note}`)
      return undefined
    }),
  )

  command('baseline <run>', 'makes a run what later runs of its experiment on its host are compared with')
    .option('--unpin', 'takes that away again', false)
    .action((id: string, options: Shared & { unpin: boolean }) =>
      inLab(options, async ({ client, out }) => {
        const run = options.unpin ? await client.runs.unpin({ id }) : await client.runs.pin({ id })
        out.product(run, () => `${run.id} (${run.name}) is ${run.baseline ? 'the' : 'no longer the'} baseline.`)
        return undefined
      }),
    )
  command(
    'compare <run> [new...]',
    'verdicts with effect size and interval; one run alone is compared with its baseline; exit code 3 where a gate is broken',
  )
    .option('--gate <rule>', "e.g. 'fault.ns.p99<=+5%'; may be repeated", collect, [])
    .option('--junit <file>', 'writes the gates as JUnit XML, one test case for each gate and lane', path)
    .option('--lane <label>', 'given twice: two lanes of the one run, base first, judged block by block', collect, [])
    .action((run: string, others: string[], options: Shared & { gate: string[]; junit?: string; lane: string[] }) =>
      inLab(options, async ({ client, out }) => {
        const readable = await labDoor()
        if (options.lane.length > 0) {
          const lanes = await client.runs.compareLanes({ id: run, ...twoLanes(options.lane, others, options) })
          out.product(lanes, () => laneComparisonText(lanes, readable))
          return undefined
        }
        const [base, next] = others.length > 0 ? [run, others] : [undefined, [run]]
        const comparison = await client.runs.compare({ base, new: next, gates: options.gate })
        if (options.junit !== undefined) writeReport(resolve(options.junit), comparison)
        out.product(comparison, () => comparisonText(comparison, readable))
        return comparison.gates.some((gate) => gate.broken) ? EXIT.gateBroken : EXIT.done
      }),
    )
  command('trend <run>', 'one metric over all runs of the same experiment on the same host, with the steps in it')
    .option('--metric <name>', 'as in "show --json"', 'accesses.per_s')
    .option('--lane <label>', 'default: the first')
    .action((id: string, options: Shared & { metric: string; lane?: string }) =>
      inLab(options, async ({ client, out }) => {
        const trend = await client.runs.trend({ id, metric: options.metric, lane: options.lane })
        const readable = await labDoor()
        out.product(trend, () => trendText(trend, readable))
        return undefined
      }),
    )

  command('export <run>', 'writes a run to a file, or to stdout')
    .addOption(
      new Option('--format <format>', 'bundle holds everything that import needs')
        .choices(['json', 'csv', 'html', 'bundle'])
        .default('json'),
    )
    .option('--out <file>', 'a new file; one that exists is left alone', path)
    .action((id: string, options: Shared & { format: 'json' | 'csv' | 'html' | 'bundle'; out?: string }) =>
      inLab(options, async ({ client, out }) => {
        const { filename, mime, text } = await client.runs.export({ id, format: options.format })
        if (options.out === undefined) {
          out.product({ filename, mime, text }, () => text)
          return undefined
        }
        const file = resolve(options.out)
        writeNew(file, text)
        out.product({ filename, mime, out: file }, () => `Written to ${file}.`)
        return undefined
      }),
    )
  command('import <file>', 'takes a bundle into the history (- for stdin)').action((file: string, options: Shared) =>
    inLab(options, async ({ client, out }) => {
      const run = await client.runs.import({ text: readText(file, 'file') })
      out.product(run, () => `${run.id} (${run.name}) is in the history.`)
      return undefined
    }),
  )

  command('calibrate', "the host's own limits beside the engine's cost on the same work")
    .option('--swap-dir <dir>', 'the disk to be measured', path)
    .option('--no-codecs', 'leave the codecs out')
    .option('--no-disk', 'leave the disk out')
    .addOption(
      new Option(
        '--against <what>',
        "fio: on the same file, in turns (done anyway where there is one); kernel: this host's own zswap on the same pages",
      ).choices(CalibrationPeer.options),
    )
    .option('--privileged', 'allow sudo or pkexec for --against kernel, which changes swap settings meanwhile', false)
    .action((options: CalibrateFlags) =>
      inLab(options, async ({ client, out }) => {
        out.say('Calibrating; this takes a while.')
        const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
        const { codecs, disk, against = null, privileged } = options
        const calibration = await client.host.calibrate({ swapDir, codecs, disk, against, privileged })
        const readable = await labDoor()
        out.product(calibration, () => calibrationText(calibration, readable))
        return undefined
      }),
    )
  command('host', 'what this host is, and what would spoil a measurement now')
    .option('--swap-dir <dir>', 'the disk to be asked about', path)
    .action((options: Shared & { swapDir?: string }) =>
      inLab(options, async ({ client, out }) => {
        const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
        const host = await client.host.get({ swapDir })
        const check = await client.host.check({ swapDir })
        const readable = await labDoor()
        out.product({ host, check }, () => hostText(host, check, readable))
        return undefined
      }),
    )
  command('restore', 'puts back the swap settings of this host that a killed kernel lane left changed')
    .option('--privileged', 'allow sudo or pkexec', false)
    .action((options: Shared & { privileged: boolean }) =>
      inLab(options, async ({ client, out }) => {
        const restored = await client.host.restore({ privileged: options.privileged })
        out.product(
          restored,
          () =>
            [...restored.done, ...restored.left.map((what) => `NOT ${what}`)].join('\n') ||
            'Nothing is left to put back.',
        )
        return restored.left.length > 0 ? EXIT.failed : undefined
      }),
    )
  command('capture', 'saves page contents of a live process or a file as a corpus, for your eyes only (0600)')
    .addOption(new Option('--pid <pid>', 'a live process').argParser(wholeNumber(1, 2 ** 22)).conflicts('file'))
    .option('--file <file>', 'a file, cut into pages', path)
    .requiredOption('--out <corpus>', 'the corpus: a new file', path)
    .option('--pages <n>', 'at most', wholeNumber(64, 65_536), 4096)
    .option('--keep-zeros', 'keep all-zero pages, which flatter the codec and the SSD', false)
    .action(
      async (options: Shared & { pid?: number; file?: string; out: string; pages: number; keepZeros: boolean }) => {
        const { pid, file } = options
        const from = pid !== undefined ? { pid } : file !== undefined ? { file } : null
        if (!from)
          throw new LabError({
            code: 'bad_input',
            field: 'pid',
            message: 'Nothing to capture was named.',
            remedy: 'Give --pid PID or --file FILE.',
          })
        const { captureToFile } = await labDoor()
        const zeros = options.keepZeros ? 'keep' : 'skip'
        const facts = captureToFile({ from, pages: options.pages, zeros, out: options.out })
        const out = resolve(options.out)
        openOutput(options.json).product({ ...facts, out }, () => `${facts.pages} pages, ${facts.source}, in ${out}.`)
      },
    )
  command('serve', 'the same lab in a browser; prints its address with a one-time token')
    .option('--port <n>', 'default: a free one', wholeNumber(0, 65_535), 0)
    .option('--host <address>', 'anything but loopback can be reached from other machines', '127.0.0.1')
    .action(async (options: Shared & { port: number; host: string }) => {
      const { serve, untilSignal } = await import('../web/index.ts')
      const { bringUpToDate, INTERFACE } = await import('../launch/index.ts')
      const out = openOutput(options.json)
      await bringUpToDate(INTERFACE, out.say)
      const { data, port, host } = options
      const served = await serve({ dataDir: resolve(data), port, host, log: out.say })
      out.product({ url: served.url, origin: served.origin, port: served.port }, () => served.url)
      out.say('The address opens the lab once. Ctrl-C ends it.')
      await untilSignal(served)
    })

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return commandLineFault(error, program, json)
    return exitCodeOfFault(sayFault(unwrap(error), json).code)
  }
}

/** commander has printed help and version itself; everything else it throws is bad input. */
function commandLineFault(error: CommanderError, program: Command, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done
  if (error.code === 'commander.help') {
    process.stderr.write(program.helpInformation() + EXAMPLES.trimStart())
    process.stderr.write('\n')
    return EXIT.badInput
  }
  const [message, suggestion] = error.message.replace(/^error: /, '').split('\n')
  const remedy =
    error.code === 'commander.unknownCommand'
      ? `Commands: ${program.commands.map((command) => command.name()).join(', ')}. "swaplab --help" says what they do.`
      : '"swaplab COMMAND --help" shows what it takes.'
  sayFault(
    new LabError({
      code: 'bad_input',
      message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.'),
      remedy: suggestion ? `${suggestion.replace(/^\(|\)$/g, '')} ${remedy}` : remedy,
    }),
    json,
  )
  return EXIT.badInput
}

/** @throws LabError `bad_input` where they are not two lanes of one run, without gates */
function twoLanes(lanes: string[], others: string[], { gate, junit }: { gate: string[]; junit?: string }) {
  const [base, fresh, ...more] = lanes
  if (fresh !== undefined && more.length === 0 && others.length === 0 && gate.length === 0 && junit === undefined)
    return { base, new: fresh }
  throw new LabError({
    code: 'bad_input',
    field: 'lane',
    message: '--lane compares two lanes of one run.',
    remedy: 'Give one run and --lane twice, base first, without gates.',
  })
}

/** Unlike every other file, a report of gates is replaced: CI writes it again and again to one place. */
function writeReport(file: string, comparison: Comparison): void {
  if (comparison.gates.length === 0)
    throw new LabError({
      code: 'bad_input',
      field: 'junit',
      message: '--junit has nothing to write: there is no gate.',
      remedy: "Give at least one, e.g. --gate 'fault.ns.p99<=+5%'.",
    })
  try {
    writeFileSync(file, junitXml(comparison))
  } catch (error) {
    throw new LabError(
      { code: 'io_error', field: 'junit', message: `${file} cannot be written: ${String(error)}.` },
      { cause: error },
    )
  }
}

/** @throws LabError where the file exists or cannot be made */
function writeNew(file: string, text: string, field = 'out'): void {
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw new LabError(
      {
        code: exists ? 'bad_input' : 'io_error',
        field,
        message: exists ? `${file} exists already.` : `${file} cannot be written: ${String(error)}.`,
        remedy: 'Give the path of a new file in a folder you may write to.',
      },
      { cause: error },
    )
  }
}

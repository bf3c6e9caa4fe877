import { resolve } from 'node:path'
import { Option } from 'commander'
import { type Comparison, LabError, type LaneComparison, RunStatus } from '../../contract/index.ts'
import { type CommandLine, collect, path, type Shared, wholeNumber, writeAnew, writeNew } from './command-line.ts'
import { EXIT } from './exit-code.ts'
import { addNotes } from './help-text.ts'
import { junitXml } from './junit.ts'
import { comparisonText, laneComparisonText, runsText, trendText } from './listings.ts'
import { labDoor } from './open-client.ts'
import { reportText } from './report-text.ts'
import { inFile, readText } from './spec-input.ts'

/** About what a text of JavaScript can hold. */
const MOST_BUNDLE_BYTES = 2 ** 29

/** What can be done with the runs that are kept. */
export function addHistoryCommands({ command, inLab }: CommandLine): void {
  command('list', 'the history, newest first')
    .option('--search <text>', 'looked for in name, note, tags, headline, id and status', '')
    .addOption(new Option('--status <status...>', 'only those').choices(RunStatus.options))
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1000), 50)
    .option('--offset <n>', 'leave out the newest n', wholeNumber(0, 1e9), 0)
    .action((options: Shared & { search: string; status?: RunStatus[]; limit: number; offset: number }) =>
      inLab(options, async ({ client, out }) => {
        const { search, status: statuses = [], limit, offset } = options
        const page = await client.runs.list({ search, statuses, limit, offset })
        out.product(page, () => runsText(page, { searched: search !== '' || statuses.length > 0, offset }))
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
  command('delete <run...>', 'removes runs; "undelete" brings one back for ten minutes').action(
    (ids: string[], options: Shared) =>
      inLab(options, async ({ client, out }) => {
        let undoUntil = ''
        for (const id of ids) {
          undoUntil = (await client.runs.delete({ id })).undoUntil
          // At once: the next may be refused.
          const line = `Deleted. "swaplab undelete ${id}" brings it back until ${undoUntil}.`
          if (out.json) out.say(line)
          else out.product(line, () => line)
        }
        if (out.json) out.product({ undoUntil }, () => '')
        return undefined
      }),
  )
  command('undelete <run>', 'brings a deleted run back').action((id: string, options: Shared) =>
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
  command('note <run> <text>', "replaces a run's note; with an empty one, takes it away").action(
    (id: string, note: string, options: Shared) =>
      inLab(options, async ({ client, out }) => {
        const run = await client.runs.note({ id, note })
        out.product(run, () => `${run.id}: ${run.note || 'no note'}`)
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
  const compare = command(
    'compare <run> [new...]',
    'verdicts with effect size and interval; one run alone is compared with its baseline; exit code 3 where a gate is broken',
  )
    .option('--gate <rule>', "e.g. 'fault.ns.p99<=+5%'; may be repeated", collect, [])
    .option('--junit <file>', 'writes the gates as JUnit XML, one test case for each gate and lane', path)
    .option(
      '--lane <label>',
      'given twice: two lanes of the one run, base first, judged block by block; gates hold between them',
      collect,
      [],
    )
  addNotes(compare, {
    examples: [
      ['swaplab compare 20260102 20260203', 'beginnings of ids, the base first'],
      ["swaplab compare 20260203 --gate 'fault.ns.p99<=+5%'", 'with its baseline; 3 where it is worse by more'],
      ['swaplab compare 20260203 --lane raw --lane "zcache lz4 no writeback"', 'two lanes of one run'],
    ],
  })
  compare.action(
    (run: string, others: string[], options: Shared & { gate: string[]; junit?: string; lane: string[] }) =>
      inLab(options, async ({ client, out }) => {
        const readable = await labDoor()
        const { gate: gates, junit } = options
        const gated = (compared: Comparison | LaneComparison, text: () => string) => {
          if (junit !== undefined) writeReport(resolve(junit), compared)
          out.product(compared, text)
          return compared.gates.some(({ broken }) => broken) ? EXIT.gateBroken : EXIT.done
        }
        if (options.lane.length > 0) {
          const lanes = await client.runs.compareLanes({ id: run, ...twoLanes(options.lane, others), gates })
          return gated(lanes, () => laneComparisonText(lanes, readable))
        }
        const [base, next] = others.length > 0 ? [run, others] : [undefined, [run]]
        const comparison = await client.runs.compare({ base, new: next, gates })
        return gated(comparison, () => comparisonText(comparison, readable))
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

  const exporting = command('export <run>', 'writes a run to a file, or to stdout')
    .addOption(
      new Option('--format <format>', 'bundle holds everything that import needs')
        .choices(['json', 'csv', 'html', 'bundle'])
        .default('json'),
    )
    .option('--out <file>', 'a new file; one that exists is left alone', path)
  addNotes(exporting, {
    examples: [
      ['swaplab export 20260102 --format html --out run.html', 'a report to send to somebody'],
      ['swaplab export 20260102 --format bundle --out run.json', 'for "swaplab import" on another machine'],
    ],
  })
  exporting.action((id: string, options: Shared & { format: 'json' | 'csv' | 'html' | 'bundle'; out?: string }) =>
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
      const run = await inFile(file, client.runs.import({ text: readText(file, 'file', MOST_BUNDLE_BYTES) }))
      out.product(run, () => `${run.id} (${run.name}) is in the history.`)
      return undefined
    }),
  )
}

/** @throws LabError `bad_input` where they are not two lanes of one run */
function twoLanes(lanes: string[], others: string[]) {
  const [base, fresh, ...more] = lanes
  if (fresh !== undefined && more.length === 0 && others.length === 0) return { base, new: fresh }
  throw new LabError({
    code: 'bad_input',
    field: 'lane',
    message: '--lane compares two lanes of one run.',
    remedy: 'Give one run and --lane twice, base first.',
  })
}

/** Unlike every other file, a report of gates is replaced: CI writes it again and again to one place. */
function writeReport(file: string, comparison: Comparison | LaneComparison): void {
  if (comparison.gates.length === 0)
    throw new LabError({
      code: 'bad_input',
      field: 'junit',
      message: '--junit has nothing to write: there is no gate.',
      remedy: "Give at least one, e.g. --gate 'fault.ns.p99<=+5%'.",
    })
  writeAnew(file, junitXml(comparison), 'junit')
}

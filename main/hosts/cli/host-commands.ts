import { resolve } from 'node:path'
import { Option } from 'commander'
import { CalibrationPeer, LabError } from '../../contract/index.ts'
import { type CommandLine, path, type Shared, wholeNumber } from './command-line.ts'
import { EXIT } from './exit-code.ts'
import { followCalibration } from './follow-calibration.ts'
import { addNotes } from './help-text.ts'
import { calibrationText, hostText } from './listings.ts'
import { labDoor } from './open-client.ts'
import { openOutput } from './output.ts'

interface CalibrateFlags extends Shared {
  swapDir?: string
  codecs: boolean
  disk: boolean
  against?: CalibrationPeer
  privileged: boolean
}

/** The host: its limits, its state, its pages, and a door to the lab on it. */
export function addHostCommands({ command, inLab }: CommandLine): void {
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
      inLab(options, async ({ client, close, out }) => {
        const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
        const { codecs, disk, against = null, privileged } = options
        const calibration = await followCalibration(
          client,
          close,
          { calibration: client.host.calibrate({ swapDir, codecs, disk, against, privileged }), privileged },
          out,
        )
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
  command(
    'polkit-action',
    'an action of polkit for the kernel lanes: the dialog of pkexec then says what it is for',
  ).action(async (options: Shared) => {
    const { polkitAction } = await labDoor()
    const action = polkitAction()
    const out = openOutput(options.json)
    out.product(action, () => action.text.trimEnd())
    out.say(`An administrator puts it into ${action.file}.`)
  })
  const capture = command(
    'capture',
    'saves page contents of a live process or a file as a corpus, for your eyes only (0600)',
  )
    .addOption(new Option('--pid <pid>', 'a live process').argParser(wholeNumber(1, 2 ** 22)).conflicts('file'))
    .option('--file <file>', 'a file, cut into pages', path)
    .requiredOption('--out <corpus>', 'the corpus: a new file', path)
    .option('--pages <n>', 'at most', wholeNumber(64, 65_536), 4096)
    .option('--keep-zeros', 'keep all-zero pages, which flatter the codec and the SSD', false)
  addNotes(capture, {
    examples: [
      ['swaplab capture --pid 1234 --out mine.corpus', 'of a process of yours'],
      ["swaplab run --set 'workload.content={source: corpus, path: mine.corpus}'", 'its pages, swapped'],
    ],
  })
  capture.action(
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
    .option('--port <n>', '0 is any that is free', wholeNumber(0, 65_535), 0)
    .option('--host <address>', 'anything but loopback can be reached from other machines', '127.0.0.1')
    .action(async (options: Shared & { port: number; host: string }) => {
      const { serve, untilSignal } = await import('../web/index.ts')
      const { bringUpToDate, INTERFACE } = await import('../launch/index.ts')
      const out = openOutput(options.json)
      const { data, port, host } = options
      const prepare = () => bringUpToDate(INTERFACE, out.say)
      const served = await serve({ dataDir: resolve(data), port, host, prepare, log: out.say })
      out.product({ url: served.url, origin: served.origin, port: served.port }, () => served.url)
      out.say('The address opens the lab once. Ctrl-C ends it.')
      await untilSignal(served)
    })
}

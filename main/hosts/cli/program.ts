import { resolve } from 'node:path'
import { Argument, Command, CommanderError } from 'commander'
import { LabError } from '../../contract/index.ts'
import { defaultDataDir } from '../data-dir.ts'
import { type CommandLine, path, type Session, type Shared } from './command-line.ts'
import { candidates } from './completion.ts'
import { completionScript, forBash, SHELLS, type Shell, typedWords } from './completion-scripts.ts'
import { EXIT, exitCodeOfFault } from './exit-code.ts'
import { addExperimentCommands } from './experiment-commands.ts'
import { addNotes, HELP, type HelpNotes } from './help-text.ts'
import { addHistoryCommands } from './history-commands.ts'
import { addHostCommands } from './host-commands.ts'
import { openClient, swaplabVersion, unwrap } from './open-client.ts'
import { openOutput, sayFault } from './output.ts'

const NOTES: HelpNotes = {
  examples: [
    ['swaplab run --preset quick', 'is writeback worth it here? in under a minute'],
    ['swaplab run spec.yaml --swap-dir /mnt/nvme', 'your own experiment, on another disk'],
    ['swaplab validate --preset quick > spec.yaml', 'a specification to start from, with every field'],
    ['swaplab run --set lanes.1.codec=zstd --set trials=10', 'the preset "standard" with two fields changed'],
    ['swaplab run --preset quick --workload gc', 'the same on a garbage-collected heap'],
    ['swaplab sweep spec.yaml --vary memory.pool=2048,4096', 'which of these looks best? simulated'],
    ['swaplab aa --preset quick', 'is a lane the same as itself on this host?'],
    ["swaplab compare 20260102 20260203 --gate 'fault.ns.p99<=+5%'", 'is the second run worse than the first?'],
    ['swaplab baseline 20260102', 'what later runs of it are compared with'],
    ['swaplab serve', 'the same lab in a browser'],
  ],
  notes: ['Exit codes: 0 done, 1 failed or cancelled, 2 bad input, 3 a gate was broken.'],
}

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
    .showSuggestionAfterError(true)
    .configureHelp(HELP)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })

  addNotes(program, NOTES)

  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option('--data <dir>', 'folder of the history', path, defaultDataDir())
      .option('--json', 'one JSON document on stdout, everything else on stderr', false)

  const inLab = async (shared: Shared, work: (session: Session) => Promise<number | undefined>) => {
    const dataDir = resolve(shared.data)
    const { client, close } = await openClient(dataDir)
    try {
      code = (await work({ client, close, out: openOutput(shared.json), dataDir })) ?? EXIT.done
    } finally {
      await close()
    }
  }

  const commandLine: CommandLine = { command, inLab }
  program.commandsGroup('Experiments:')
  addExperimentCommands(commandLine)
  program.commandsGroup('History:')
  addHistoryCommands(commandLine)
  program.commandsGroup('Host:')
  addHostCommands(commandLine)
  program.commandsGroup('Help:').helpCommand('help [command]', 'what a command takes')
  addCompletion(program)

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return commandLineFault(error, program, argv)
    return exitCodeOfFault(sayFault(unwrap(error), json).code)
  }
}

/** The key Tab: a script for the shell, and what that asks. */
function addCompletion(program: Command): void {
  const completion = program
    .command('completion')
    .description('has the key Tab complete commands, options, values, runs and tags in your shell')
    .addArgument(new Argument('<shell>', 'whose script is printed').choices(SHELLS))
    .action((shell: Shell) => void process.stdout.write(completionScript(shell)))
  addNotes(completion, {
    examples: [
      ['eval "$(swaplab completion bash)"', 'in ~/.bashrc'],
      ['eval "$(swaplab completion zsh)"', 'in ~/.zshrc, after compinit'],
      ['swaplab completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
  })
  program
    .command('complete [words...]', { hidden: true })
    .description('what may stand in place of the last word')
    .option('--line <line>', 'of bash, up to the cursor')
    .action(async (given: string[], { line }: { line?: string }) => {
      const typed = typedWords(line ?? '')
      const words = line === undefined ? given : typed.words.slice(1)
      const found = words.length === 0 ? [] : await candidates(program, words)
      const shown = found.map(({ value, about }) =>
        line === undefined ? [value, ...(about ? [about] : [])].join('\t') : forBash(value, typed),
      )
      if (shown.length > 0) process.stdout.write(`${shown.join('\n')}\n`)
    })
}

/** commander has printed help and version itself; everything else it throws is bad input. */
function commandLineFault(error: CommanderError, program: Command, argv: readonly string[]): number {
  const json = argv.includes('--json')
  const commands = `Commands: ${program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name())
    .join(', ')}. "swaplab --help" says what they do.`
  const known = program.commands.find((command) => command.name() === argv[0])
  if (error.exitCode === 0) return EXIT.done
  if (error.code === 'commander.help') {
    const [asked, name] = argv
    if (asked === 'help' && name !== undefined)
      sayFault(new LabError({ code: 'bad_input', message: `Unknown command '${name}'.`, remedy: commands }), json)
    else program.configureOutput({ writeErr: (text) => process.stderr.write(text) }).outputHelp({ error: true })
    return EXIT.badInput
  }
  const [message, suggestion] = error.message.replace(/^error: /, '').split('\n')
  const remedy =
    error.code === 'commander.unknownCommand'
      ? commands
      : error.code === 'commander.unknownOption' && /'--(data|json)'/.test(message)
        ? 'It stands after the command, e.g. swaplab list --json.'
        : `"swaplab ${known?.name() ?? 'COMMAND'} --help" shows what it takes.`
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

import { faultOf, type LabFault } from '../../contract/index.ts'
import { EXIT } from './exit-code.ts'

/** Where a command's words go: its product to stdout, everything else to stderr. */
export interface Output {
  /** With --json: exactly one document, on stdout. */
  readonly json: boolean
  /** The product as JSON, or as text for a person. */
  product(document: unknown, text: () => string): void
  /** A word beside the product. */
  say(line: string): void
}

/** A reader that has gone (`| head`) ends the words, not the work: what is under way goes on and is saved. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return
      // A product that is not whole (a full disk behind `>`) is none.
      process.exitCode = EXIT.failed
      if (stream === process.stdout) process.stderr.write(`swaplab: stdout cannot be written: ${error.message}.\n`)
    })
}

export function openOutput(json: boolean): Output {
  return {
    json,
    product: (document, text) =>
      void process.stdout.write(
        json ? `${JSON.stringify(document, null, 2)}\n` : ensureNewline(shownOn(process.stdout, text())),
      ),
    say: (line) => void process.stderr.write(`${shownOn(process.stderr, line)}\n`),
  }
}

const CONTROL = /[^\P{Cc}\n\t]/gu

/** A terminal obeys control characters, and a name, label, tag or note may have come in a bundle from elsewhere. A pipe gets what there is. */
export function shownOn({ isTTY }: { isTTY?: boolean }, text: string): string {
  return isTTY ? text.replace(CONTROL, '\u{fffd}') : text
}

const ensureNewline = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/** A refusal: two lines for a person, or `{ "error": … }` as the one document. */
export function sayFault(error: unknown, json: boolean): LabFault {
  const fault = faultOf(error)
  if (json) process.stdout.write(`${JSON.stringify({ error: fault }, null, 2)}\n`)
  const words = `swaplab: ${fault.message}\n${fault.remedy ? `${fault.remedy}\n` : ''}`
  process.stderr.write(shownOn(process.stderr, words))
  return fault
}

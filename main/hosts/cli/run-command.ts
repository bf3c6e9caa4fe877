import { resolve } from 'node:path'
import { LabError, type Progress } from '../../contract/index.ts'
import { EXIT, exitCodeOfFault, exitCodeOfRun } from './exit-code.ts'
import { type Client, labDoor } from './open-client.ts'
import type { Output } from './output.ts'
import { openProgress } from './progress-view.ts'
import { reportText } from './report-text.ts'
import { readSpec, type SpecInput } from './spec-input.ts'

export interface RunOptions extends SpecInput {
  swapDir: string | undefined
  /** The user allows sudo or pkexec, for the kernel lanes. */
  privileged: boolean
  dataDir: string
}

/** Carries out an experiment and prints its report. The first Ctrl-C cancels and keeps what was measured, the second kills. */
export async function runCommand(
  client: Client,
  closeLab: () => Promise<void>,
  options: RunOptions,
  out: Output,
): Promise<number> {
  const spec = await readSpec(client, options)
  const swapDir = options.swapDir === undefined ? undefined : resolve(options.swapDir)
  const { id } = await client.runs.start({ spec, swapDir, privileged: options.privileged })
  let killed = false
  const letGo = onSignals({
    first: () => {
      out.say('Cancelling; what was measured is kept. Ctrl-C again ends at once.')
      void client.runs.cancel({ id })
    },
    second: () => {
      killed = true
      void closeLab()
    },
  })
  let last: Progress | undefined
  const view = openProgress(process.stderr)
  try {
    for await (const progress of await client.runs.watch({ id })) {
      last = progress
      if (progress.phase !== 'ended') view.show(progress)
    }
  } finally {
    view.stop()
    letGo()
  }
  if (killed || last?.status === 'interrupted') {
    out.say(`Run ${id} was ended at once; its finished trials are kept.`)
    return EXIT.failed
  }
  const document = await client.runs.get({ id })
  const readable = await labDoor()
  out.product(
    document,
    () =>
      `${reportText(document, readable)}\nSaved as ${id} in ${options.dataDir}; "swaplab show ${id}" shows it again.`,
  )
  const { fault, status } = document.run
  if (fault) {
    const { message, remedy } = new LabError(fault)
    out.say(`swaplab: ${message}${remedy ? `\n${remedy}` : ''}`)
  }
  return status === 'failed' && fault ? exitCodeOfFault(fault.code) : exitCodeOfRun(status)
}

/** The first signal and every later one; returns what takes the handlers away. */
function onSignals(act: { first: () => void; second: () => void }): () => void {
  let seen = 0
  const handle = () => {
    seen++
    if (seen === 1) act.first()
    else act.second()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}

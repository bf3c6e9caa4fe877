import { LabError, type Progress } from '../../contract/index.ts'
import type { Client } from './open-client.ts'
import type { Output } from './output.ts'
import { openProgress } from './progress-view.ts'
import { onSignals } from './signals.ts'

/**
 * Shows a run under way until it has ended. The first Ctrl-C cancels and keeps what was measured, the second kills.
 * @throws LabError `cancelled` where it was ended at once, so that there is no report to wait for
 */
export async function followRun(
  client: Client,
  closeLab: () => Promise<void>,
  { id, privileged }: { id: string; privileged: boolean },
  out: Output,
): Promise<void> {
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
  const view = openProgress(process.stderr, privileged)
  try {
    for await (const progress of await client.runs.watch({ id })) {
      last = progress
      if (progress.phase !== 'ended') view.show(progress)
    }
  } finally {
    view.stop()
    letGo()
  }
  if (killed || last?.status === 'interrupted')
    throw new LabError({ code: 'cancelled', message: `Run ${id} was ended at once; its finished trials are kept.` })
}

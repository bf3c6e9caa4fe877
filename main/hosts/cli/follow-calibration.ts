import { type Calibration, LabError } from '../../contract/index.ts'
import type { Client } from './open-client.ts'
import type { Output } from './output.ts'
import { duration, openSteps } from './progress-view.ts'
import { onSignals } from './signals.ts'

const LOOK_EVERY_MS = 500

/**
 * Shows a calibration under way until it has ended. The first Ctrl-C cancels, the second ends the engine at once; its files are removed in both cases.
 * @throws LabError cancelled, saying how far it had come; whatever the calibration ends with
 */
export async function followCalibration(
  client: Client,
  closeLab: () => Promise<void>,
  { calibration, privileged }: { calibration: Promise<Calibration>; privileged: boolean },
  out: Output,
): Promise<Calibration> {
  let cancelled = false
  let last = { step: 'the start', elapsedMs: 0 }
  const view = openSteps(process.stderr, privileged)
  const look = setInterval(async () => {
    const { underWay } = await client.host.calibration()
    if (underWay === null || cancelled) return
    last = underWay
    view.show(underWay.step, underWay.elapsedMs)
  }, LOOK_EVERY_MS)
  const letGo = onSignals({
    first: () => {
      cancelled = true
      view.stop()
      out.say('Cancelling; what is being measured ends first. Ctrl-C again ends at once.')
      void client.host.cancelCalibration()
    },
    second: () => void closeLab(),
  })
  try {
    return await calibration
  } catch (error) {
    if (!cancelled) throw error
    throw new LabError(
      {
        code: 'cancelled',
        message: `The calibration was cancelled after ${duration(last.elapsedMs)}, at "${last.step}". Its files are removed.`,
        remedy: 'Nothing of it is kept; the calibration before stays the last one.',
      },
      { cause: error },
    )
  } finally {
    clearInterval(look)
    view.stop()
    letGo()
  }
}

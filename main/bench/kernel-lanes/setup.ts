import { type ExperimentSpec, type KernelLane, LabError } from '../../contract/index.ts'
import type { Helper } from '../../kernel/index.ts'
import type { ModelOrder } from './model-order.ts'

/** What one trial of a kernel lane is given. */
export interface KernelTrialSetup {
  spec: ExperimentSpec
  lane: KernelLane
  slots: number
  /** Absolute and resolved: where the kernel's swap file goes. */
  swapDir: string
  /** The disk behind it, as in /dev; null where it is unknown. */
  device: string | null
  helper: Helper
  corpus: Uint8Array
  /** By vpn. */
  corpusPages: Uint32Array
  /** What leaves memory, and when; null: the kernel's own reclaim decides. */
  order: ModelOrder | null
}

/** What ends a trial in which a page came back wrong. */
export function mismatch(vpn: number, lane: KernelLane): LabError {
  return new LabError({
    code: 'mismatch',
    message: `Page ${vpn} came back from ${lane.lane} with other content than was last written.`,
    remedy: 'This is a defect of Swaplab, of the kernel or of the disk: keep the run, note its seed, and report it.',
  })
}

import { ownUsage, probeOwnIo } from '../../../native-bench/host.ts'
import { native } from '../../../native-bench/index.ts'
import { PAGE_SIZE } from '../../contract/index.ts'
import type { MeasureAnswers, MeasuringProcess } from '../../kernel/index.ts'
import { hostSensors, type Sensors } from '../measure/sensors.ts'
import type { KernelTrialSetup } from './setup.ts'
import { grown } from './vmstat.ts'

/**
 * The host's sensors for a trial of a kernel lane. What is the trial's own: this process, the measuring one, and on the disk every page that
 * the kernel swaps, for no other swap area is active.
 * @param used the measuring process's latest answer to `usage`; to be fresh when the sensors start and end
 */
export function kernelSensors(
  { lane, device }: Pick<KernelTrialSetup, 'lane' | 'device'>,
  { pid }: Pick<MeasuringProcess, 'pid'>,
  used: () => MeasureAnswers['usage'],
): Sensors {
  const { vmstat: start } = used()
  // zram's pages go to RAM.
  const onDisk = lane.lane !== 'kernel-zram'
  return hostSensors(
    device,
    { now: native.now },
    {
      usage() {
        const [own, measuring] = [ownUsage(), used()]
        return { userS: own.userS + measuring.userS, sysS: own.sysS + measuring.sysS }
      },
      io() {
        const own = probeOwnIo()
        if (own === null || !onDisk) return own
        const swapped = (name: 'pswpin' | 'pswpout') => grown(start, used().vmstat, name) * PAGE_SIZE
        return { readBytes: own.readBytes + swapped('pswpin'), writtenBytes: own.writtenBytes + swapped('pswpout') }
      },
      ...(pid !== undefined && { pid }),
      kernelWorks: true,
    },
  )
}

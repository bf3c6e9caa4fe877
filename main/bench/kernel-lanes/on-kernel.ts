import { type KernelLane, LabError } from '../../contract/index.ts'
import { type Helper, type KernelSettings, KernelTree, MeasuringProcess } from '../../kernel/index.ts'
import type { KernelTrialSetup } from './setup.ts'

/**
 * A measuring process on this host's own swap. `work` is given a function that sets the kernel up and puts the process under a limit, bytes, to
 * be called when it holds what shall not count. Afterwards the process has ended and the host is as before.
 * @throws LabError unavailable, busy, no_permission, engine_died, out_of_memory where the kernel ended the process, internal where the host
 * could not be put back; whatever `work` throws
 */
export async function onKernel<T>(
  { lane, slots, swapDir, helper }: Pick<KernelTrialSetup, 'lane' | 'slots' | 'swapDir' | 'helper'>,
  work: (measuring: MeasuringProcess, prepare: (memoryBytes: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const measuring = new MeasuringProcess()
  let group: string | null = null
  try {
    return await work(measuring, async (memoryBytes) => {
      const { pid } = measuring
      if (pid === undefined)
        throw new LabError({ code: 'engine_died', message: 'The measuring process could not be started.' })
      const { pageCluster } = lane
      const settings = settingsOf(lane)
      const prepared = await helper.prepare({ settings, directory: swapDir, slots, memoryBytes, pid, pageCluster })
      group = prepared.group
      measuring.limitedBy(group)
    })
  } catch (error) {
    if (
      group !== null &&
      error instanceof LabError &&
      error.code === 'engine_died' &&
      new KernelTree().oomKills(group) > 0
    )
      throw new LabError(
        {
          code: 'out_of_memory',
          message: `Linux ended the measuring process of ${lane.lane}: it could not free memory under its limit in time.`,
          remedy:
            'dmesg tells more. Give it more RAM (memory.frames), or, where the swap goes to a disk that others keep busy, run it while nothing else is at work.',
        },
        { cause: error },
      )
    throw error
  } finally {
    // The workload ends before its swap is taken away: reading it all back would take seconds.
    await measuring.end()
    await putBack(helper)
  }
}

async function putBack(helper: Helper): Promise<void> {
  const { left } = await helper.restore()
  if (left.length === 0) return
  throw new LabError({
    code: 'internal',
    message: `The kernel's settings could not all be put back: ${left.join('; ')}.`,
    remedy: 'Put right what it names, then say "swaplab restore".',
  })
}

function settingsOf(lane: KernelLane): KernelSettings {
  switch (lane.lane) {
    case 'kernel-swap':
      return { lane: 'kernel-swap' }
    case 'kernel-zswap': {
      const { compressor, poolPercent, acceptPercent, shrinker } = lane
      return { lane: 'kernel-zswap', compressor, poolPercent, acceptPercent, shrinker: shrinker === 'on' }
    }
    case 'kernel-zram':
      return { lane: 'kernel-zram', algorithm: lane.algorithm, swap: lane.as === 'swap' }
  }
}

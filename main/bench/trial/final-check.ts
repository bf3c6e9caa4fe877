import { type ExperimentSpec, LabError } from '../../contract/index.ts'
import { FAULT_PATHS } from '../../mm/index.ts'
import type { Machine } from './machine.ts'
import { VERIFY_PAGE, VERIFY_RUN } from './scratch.ts'

/**
 * Compares every page of the address space with what was written, wherever it is: resident, in the pool, in cleancache or the file, or read back from disk in long
 * runs. The machine is at rest.
 * @param tick called now and then, with the share that is done
 * @throws LabError mismatch, io_error
 */
export async function checkEveryPage(
  { mm, io, slots, world: { contents } }: Machine,
  { workload: { pages }, memory }: ExperimentSpec,
  tick: (fraction: number) => Promise<void>,
): Promise<void> {
  const scratch = memory.frames + VERIFY_PAGE
  const layout = io.layout
  const placeVpn = new Int32Array(layout?.places ?? slots.slots).fill(-1)
  for (let vpn = 0; vpn < pages; vpn++) {
    if (!contents.isTouched(vpn)) continue
    const { frame, slot, onDisk } = mm.whereIs(vpn)
    if (frame >= 0) contents.verify(vpn, frame, 'RAM at the end')
    else if (slot < 0) {
      if (mm.file === null || mm.file.pageOf[vpn] < 0) throw lost(vpn)
      const path = mm.file.fetch(mm.file.pageOf[vpn], scratch)
      contents.verify(vpn, scratch, `${FAULT_PATHS[path]} at the end`)
    } else if (mm.loadReadBack(slot, scratch)) contents.verify(vpn, scratch, 'a block on disk at the end')
    else if (onDisk) placeVpn[layout ? layout.placeOf(slot) : slot] = vpn
    else if (mm.loadZero(slot, scratch)) contents.verify(vpn, scratch, 'the zero map at the end')
    else if (mm.frontswap?.load(slot, scratch)) contents.verify(vpn, scratch, 'the pool at the end')
    else throw lost(vpn)
    if (vpn % 1024 === 0) await tick(vpn / pages)
  }
  const frames = Int32Array.from({ length: VERIFY_RUN }, (_, i) => scratch + i)
  for (let place = 0; place < placeVpn.length; ) {
    if (placeVpn[place] < 0) {
      place++
      continue
    }
    let count = 1
    while (count < VERIFY_RUN && placeVpn[place + count] >= 0) count++
    io.read(place, frames, count)
    for (let i = 0; i < count; i++) contents.verify(placeVpn[place + i], scratch + i, 'disk at the end')
    place += count
    if (place % 1024 < VERIFY_RUN) await tick(1)
  }
}

function lost(vpn: number): LabError {
  return new LabError({
    code: 'mismatch',
    message: `Page ${vpn} is nowhere: neither in RAM, nor in the pool, nor on disk.`,
    remedy: 'This is a defect of Swaplab: please report it with the experiment and its seed.',
  })
}

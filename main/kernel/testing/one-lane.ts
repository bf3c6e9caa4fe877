import { MeasuringProcess, readyHelper } from '../index.ts'
import { KernelSettings } from '../settings.ts'

/**
 * One kernel lane at work until it is killed, for the tests: `node one-lane.ts FOLDER SETTINGS`. Its lines name its processes. As the
 * engine does, it starts a helper and a measuring process, and prepares and restores round after round.
 */
const [folder = '', settings = ''] = process.argv.slice(2)
const PAGES = 4096
const corpus = new Uint8Array(16 * 4096).map((_, byte) => (byte * 2654435761) >>> ((byte % 5) + 7))
const corpusPages = Uint32Array.from({ length: PAGES }, (_, vpn) => vpn % 16)

// The lab's death: the engine hears of it and ends.
process.stdin.on('end', () => process.exit(0)).resume()
const helper = await readyHelper({ folder, consent: false })
console.log(`helper ${helper.pid}`)
for (let round = 0; ; round++) {
  const measuring = new MeasuringProcess()
  console.log(`measuring ${measuring.pid}`)
  const lane = KernelSettings.parse(JSON.parse(settings))
  try {
    const { pid } = await measuring.ask({ kind: 'open', corpus, corpusPages, zeroPages: 64 })
    const { group } = await helper.prepare({
      settings: lane,
      directory: folder,
      slots: 2 * PAGES,
      memoryBytes: 8 * 2 ** 20,
      pid,
      pageCluster: 0,
    })
    measuring.limitedBy(group)
    for (let sweep = 0; sweep < 4; sweep++) {
      const accesses = Uint32Array.from({ length: PAGES }, (_, vpn) => (vpn << 2) | 1)
      const { mismatch } = await measuring.ask({ kind: 'replay', accesses, classify: false })
      if (mismatch >= 0) throw new Error(`page ${mismatch} came back wrong`)
    }
    if (lane.lane === 'kernel-zswap') await helper.closePool()
  } finally {
    await measuring.end()
    await helper.restore()
  }
  console.log(`round ${round}`)
}

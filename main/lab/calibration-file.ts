import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Calibration } from '../contract/index.ts'

/** The last calibration, beside the history: the document of `calibrate --json`, which a simulation takes as its device. */
const NAME = 'calibration.json'

export async function keepCalibration(dataDir: string, calibration: Calibration): Promise<void> {
  const file = join(dataDir, NAME)
  await writeFile(`${file}.new`, `${JSON.stringify(calibration, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** The last one; null where there is none, or none that this version can read. */
export async function keptCalibration(dataDir: string): Promise<{ last: Calibration | null; file: string }> {
  const file = join(dataDir, NAME)
  try {
    const { data } = Calibration.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return { last: data ?? null, file }
  } catch {
    return { last: null, file }
  }
}

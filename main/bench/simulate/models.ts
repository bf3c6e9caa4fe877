import { readFileSync, statSync } from 'node:fs'
import { Calibration, type CodecName, type ExperimentSpec, LabError } from '../../contract/index.ts'
import { type CodecCosts, codecCosts } from './codec-costs.ts'
import type { CorpusPages } from './corpus-pages.ts'
import { fitDeviceModel, REFERENCE_DEVICE, slower } from './device-model.ts'
import { engineCosts } from './engine-costs.ts'
import type { SameFilled } from './model-same-pages.ts'
import type { Models } from './simulated-world.ts'
import {
  corpusSameFilled,
  corpusSizes,
  magenheimerSameFilled,
  magenheimerSizes,
  type SizeTable,
} from './zpage-sizes.ts'

const TIMES = { magenheimer: 1, 'magenheimer-2x': 2, 'magenheimer-3x': 3 } as const

/** Whether the simulation needs page contents, to measure how they compress, or to see which are zero. */
export function needsCorpus(spec: ExperimentSpec): boolean {
  return spec.simulate.sizes === 'corpus' && (spec.mm.zeroMap === 'on' || spec.lanes.some((lane) => 'codec' in lane))
}

/**
 * The models a specification asks for. Size tables are made once for each codec and shared by all trials.
 * @param corpus page contents; null where the sizes come from a distribution
 * @throws LabError not_found, bad_input (the calibration)
 */
export function modelsFor(spec: ExperimentSpec, corpus: CorpusPages | null): Models {
  const { simulate, workload, seed } = spec
  const calibration = simulate.device === 'host' ? readCalibration(simulate.calibration) : null
  const device = calibration ? fitDeviceModel(calibration, spec.swapfile.io) : REFERENCE_DEVICE
  const tables = new Map<string, SizeTable>()
  const costs = new Map<CodecName, CodecCosts>()
  let sameFilled: SameFilled | null = null
  return {
    device: slower(device, simulate.slower),
    engine: engineCosts(calibration),
    sizes(name, level) {
      const key = `${name}:${level ?? ''}`
      let table = tables.get(key)
      if (!table) {
        table =
          simulate.sizes === 'corpus'
            ? corpusSizes(present(corpus).bytesBy({ name, level }), workload.pages, seed)
            : magenheimerSizes(TIMES[simulate.sizes], workload.pages, seed)
        tables.set(key, table)
      }
      return table
    },
    sameFilled() {
      sameFilled ??=
        simulate.sizes === 'corpus'
          ? corpusSameFilled(present(corpus).sameFilled(), workload.pages, seed)
          : magenheimerSameFilled(workload.pages, seed)
      return sameFilled
    },
    costs(name) {
      const known = costs.get(name) ?? codecCosts(name, calibration)
      costs.set(name, known)
      return known
    },
  }
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('sizes are to come from the corpus, and there is none')
  return value
}

function readCalibration(path: string | undefined): Calibration {
  const fault = (code: 'not_found' | 'bad_input', message: string, cause?: unknown) =>
    new LabError(
      { code, message, remedy: 'Write one: "swaplab calibrate --json > host.json".', field: 'simulate.calibration' },
      { cause },
    )
  if (path === undefined) throw fault('bad_input', 'A simulation of this host needs its calibration.')
  let text: string
  try {
    // A device or a pipe would be read for ever.
    if (!statSync(path).isFile()) throw new Error('it is no regular file')
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw fault(
      'not_found',
      `The calibration ${path} cannot be read: ${error instanceof Error ? error.message : error}.`,
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw fault('bad_input', `${path} is no JSON: ${error instanceof Error ? error.message : error}.`, error)
  }
  const parsed = Calibration.safeParse(json)
  if (!parsed.success) throw fault('bad_input', `${path} is not what "swaplab calibrate --json" writes.`, parsed.error)
  return parsed.data
}

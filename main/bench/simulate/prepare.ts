import { type ExperimentSpec, LabError, type LaneSpec, laneCodecs } from '../../contract/index.ts'
import { checkCodecs } from '../measured-world.ts'
import { checkContents, mix32 } from '../workloads/index.ts'
import type { Worlds } from '../world.ts'
import { type CorpusPages, corpusPages } from './corpus-pages.ts'
import { modelsFor, needsCorpus } from './models.ts'
import { SimulatedWorld } from './simulated-world.ts'

/**
 * Models and, where sizes come from page contents, the corpus. No swap file, no clock of the host.
 * @throws LabError codec_unavailable, not_found, bad_input; those of buildCorpus
 */
export function prepareSimulation(spec: ExperimentSpec, site: { slots: number; selfCorpus: string | null }): Worlds {
  let corpus: CorpusPages | null = null
  if (needsCorpus(spec)) {
    withSizesAsRemedy(() => checkCodecs(spec))
    corpus = corpusPages(spec.workload.content, { seed: spec.seed, selfCorpus: site.selfCorpus })
  }
  const models = modelsFor(spec, corpus)
  return {
    corpus: corpus?.facts ?? null,
    swapfile: null,
    observer: null,
    notes: (lane: LaneSpec) => [
      `simulated: ${models.device.label}`,
      ...(laneCodecs(lane).length > 0 ? [`simulated: the engine's own costs ${models.engine.label}`] : []),
      ...laneCodecs(lane).map(
        ({ name }, at) =>
          `simulated: ${at === 0 ? '' : `${name}: `}sizes ${spec.simulate.sizes === 'corpus' ? 'of the page contents, each compressed once' : `of the distribution ${spec.simulate.sizes}`}; ` +
          `codec costs ${models.costs(name).label}`,
      ),
    ],
    open: (lane, block) => (meters) =>
      // The accesses of every trial are the same; the disk's luck is another in each block.
      new SimulatedWorld({ spec, lane, slots: site.slots, models, luck: mix32(spec.seed ^ mix32(block + 1)), meters }),
    close: () => corpus?.release(),
  }
}

/** Looks whether prepareSimulation will find what it needs. @throws LabError as prepareSimulation */
export function checkSimulation(spec: ExperimentSpec): void {
  modelsFor(spec, null)
  if (!needsCorpus(spec)) return
  withSizesAsRemedy(() => checkCodecs(spec))
  checkContents(spec.workload.content)
}

function withSizesAsRemedy(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== 'codec_unavailable') throw error
    const { code, message, field, remedy } = error.toFault()
    throw new LabError(
      { code, message, field, remedy: `${remedy} A simulation can do without it: simulate.sizes "magenheimer".` },
      { cause: error },
    )
  }
}

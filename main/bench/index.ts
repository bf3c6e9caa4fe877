export { polkitAction, restoreAtStart, restoreKernel } from '../kernel/index.ts'
export { freeMargin, LOCKED, sweepLeftovers } from '../swapfile/index.ts'
export { ALLOCATORS, newPolicyText, POLICIES, policyFileDigest } from '../zcache/index.ts'
export { comparisonAsLanes } from './beside-kernel/index.ts'
export { checkExperiment, checkSwapDirectory } from './check-experiment.ts'
export { checkKernelLanes, kernelConsent, kernelLaneFacts, needConsent } from './kernel-lanes/index.ts'
export { checkLanes, LANES } from './lanes/index.ts'
export {
  bucketValue,
  Histogram,
  type HistogramData,
  mergeHistograms,
  percentile,
} from './measure/histogram.ts'
export { sweepNodes } from './nodes.ts'
export { diskPagesFor } from './plan.ts'
export type { Carried, FromEngine, ToEngine } from './protocol.ts'
export { simulateExperiment } from './simulate/index.ts'
export {
  buildCorpus,
  captureCorpus,
  type TraceExport,
  writeCorpusFile,
  writeTrace,
} from './workloads/index.ts'

/** The engine's entry, for whoever starts it as a process. A bundle passes its own. */
export const ENGINE_ENTRY = new URL('./process.ts', import.meta.url)

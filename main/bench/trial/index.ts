export type { AccessObserver } from './access-loop.ts'
export { SCRATCH_PAGES } from './scratch.ts'
export { runTrial, type TrialHooks, type TrialPhase, type TrialResult, type TrialSetup } from './trial.ts'

export { prepareSimulation } from './prepare.ts'
export { resultHash, type SimulationResult, simulateExperiment } from './simulate-experiment.ts'
export { type SweepOptions, type SweepOutcome, sweep } from './sweep.ts'

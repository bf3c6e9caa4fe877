export { prepareSimulation } from './prepare.ts'
export { simulateExperiment } from './simulate-experiment.ts'
export { type SweepOutcome, sweep } from './sweep.ts'

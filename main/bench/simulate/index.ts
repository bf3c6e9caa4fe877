export { checkSimulation, prepareSimulation } from './prepare.ts'
export { simulateExperiment } from './simulate-experiment.ts'
export { sweep } from './sweep.ts'

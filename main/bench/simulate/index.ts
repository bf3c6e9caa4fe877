export { prepareSimulation } from './prepare.ts'

export type { OpenLab } from './node-lab.ts'
export { type ServedLab, type ServeOptions, serve } from './serve.ts'
export { untilSignal } from './until-signal.ts'

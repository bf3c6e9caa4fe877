export { type ServedLab, serve } from './serve.ts'
export { untilSignal } from './until-signal.ts'

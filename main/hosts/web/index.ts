export { BUNDLE_DIR, type OpenLab, type ServedLab, type ServeOptions, serve } from './serve.ts'
export { untilSignal } from './until-signal.ts'

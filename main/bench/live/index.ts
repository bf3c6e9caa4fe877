export { liveNotes, liveWorld } from './live-world.ts'

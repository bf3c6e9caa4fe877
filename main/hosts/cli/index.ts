import { keepCompiled } from '../compile-cache.ts'

keepCompiled()
const { survivePipes } = await import('./output.ts')
const { carryOut } = await import('./program.ts')

// npm runs a script in the project's folder; the paths that follow are meant from where it was called.
const { INIT_CWD, npm_lifecycle_event } = process.env
if (npm_lifecycle_event === 'swaplab' && INIT_CWD) process.chdir(INIT_CWD)

survivePipes()
// The code is left to the end of the event loop: exit() would cut a long document in a pipe short.
const code = await carryOut(process.argv.slice(2))
process.exitCode ||= code

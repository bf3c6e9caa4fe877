import { survivePipes } from './output.ts'
import { carryOut } from './program.ts'

survivePipes()
// The code is left to the end of the event loop: exit() would cut a long document in a pipe short.
const code = await carryOut(process.argv.slice(2))
process.exitCode ||= code

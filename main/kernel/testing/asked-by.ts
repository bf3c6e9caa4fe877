import { faultOf } from '../../contract/index.ts'
import { readyHelper } from '../index.ts'

/** `node asked-by.ts FOLDER`: asks for the helper the way there is, as whoever runs this, and prints what it said. */
// Ctrl-C reaches everybody in the terminal; the engine, which asks, stays and hears of it from the lab.
process.on('SIGINT', () => {})
try {
  const helper = await readyHelper({ folder: process.argv[2], consent: true })
  console.log(JSON.stringify(await helper.status()))
  await helper.close()
} catch (error) {
  console.log(JSON.stringify(faultOf(error)))
}

import { faultOf } from '../../contract/index.ts'
import { readyHelper, type Way } from '../index.ts'

/** `node asked-by.ts FOLDER`: asks for the helper through the real pkexec, as whoever runs this, and prints what it said. */
const way: Way = {
  way: 'ask',
  program: '/usr/bin/pkexec',
  arguments: ['--disable-internal-agent'],
  where: 'nowhere',
  agent: null,
}
try {
  const helper = await readyHelper({ folder: process.argv[2], consent: true }, way)
  console.log(JSON.stringify(await helper.status()))
  await helper.close()
} catch (error) {
  console.log(JSON.stringify(faultOf(error)))
}

import { fakeLab, someSpec } from './fake-lab.ts'

/** A process that opens a lab on argv[2] and starts a run named argv[3]; prints the run's id, then lives until it is killed. */
const { client } = await fakeLab(process.argv[2])
const { id } = await client.runs.start({ spec: someSpec(process.argv[3], { trials: 50 }) })
console.log(id)
setInterval(() => {}, 1000)

import { seededRandom } from './seeded-random.ts'

/** Noise of one host, as shares. For tests of the verdict: what a machine does to lanes that are equal. */
export interface MachineNoise {
  /** Standard deviation of the logarithm of one trial. */
  perTrial: number
  /** Change from the first trial to the hundredth, by heat or a filling disk. */
  drift: number
  /** Slowdown of the slow regime (another guest, a lower clock); 0.3 = 30 %. */
  slowMode: number
  /** Chance to enter or leave the slow regime before each trial; it strikes in the middle of blocks too. */
  switching: number
}

export interface SimulatedMachine {
  /** One trial of each lane, in random order, on the same machine: value = 1000 ns × factor × noise. */
  block(factors: readonly number[]): number[]
}

/** A machine whose noise repeats for the same seed. */
export function simulatedMachine(noise: MachineNoise, seed: number): SimulatedMachine {
  const random = seededRandom(seed)
  let slow = random.next() < 0.5
  let trials = 0
  const trial = (factor: number): number => {
    if (random.next() < noise.switching) slow = !slow
    const drift = 1 + (noise.drift * trials++) / 100
    return 1000 * factor * drift * (slow ? 1 + noise.slowMode : 1) * Math.exp(noise.perTrial * random.normal())
  }
  return {
    block(factors) {
      const values = new Array<number>(factors.length)
      const order = factors.map((_, lane) => lane)
      for (let last = order.length - 1; last > 0; last--) {
        const other = random.below(last + 1)
        ;[order[last], order[other]] = [order[other], order[last]]
      }
      for (const lane of order) values[lane] = trial(factors[lane])
      return values
    },
  }
}

import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { PolicyEntry } from './policy.ts'

/** Age bins, four to an octave from 1 ms: 96 reach to 4.6 hours. */
const BINS = 96
const BINS_PER_OCTAVE = 4
const FIRST_BIN_NS = 1e6

function binOf(age: number): number {
  if (age <= FIRST_BIN_NS) return 0
  return Math.min(BINS - 1, Math.floor(BINS_PER_OCTAVE * Math.log2(age / FIRST_BIN_NS)))
}

/** Where a bin begins, ns; past the last one nothing is cold. */
function ageOf(bin: number): number {
  return bin >= BINS ? Number.POSITIVE_INFINITY : FIRST_BIN_NS * 2 ** (bin / BINS_PER_OCTAVE)
}

/**
 * Every interval asks in hindsight: with which smallest age threshold would so few of the loads have come from disk that the
 * promotion rate stays under its target? The age of a load is the time since its store. A page faulted from disk counts with the
 * threshold it was written back at: it was that old at least. A high percentile of the answers so far is used, and the last answer
 * where that was higher.
 */
export const coldAge: PolicyEntry<ParameterOf<'cold-age'>> = {
  name: 'cold-age',
  title: 'Cold age',
  rule: 'zpages older than a threshold are written back; it is the smallest age with which, in hindsight, the share of the working set that comes back in a minute stays under a target',
  source:
    "Google's far memory, ASPLOS 2019: 0.2 % of the working set a minute, ages from 120 s, a high percentile of history; there the working set is what was used within 120 s, here what is resident or in the pool",
  parameters: POLICY_PARAMETERS['cold-age'],
  create({ target, interval, youngest, percentile, history, batch }) {
    const loads = new Int32Array(BINS)
    const answers = new Int32Array(Math.floor(history))
    const tally = new Int32Array(BINS + 1)
    let known = 0
    let intervalStart = Number.NaN
    let refaults = 0
    let bin = BINS
    let lastColdBin = BINS - 1

    const choose = (elapsed: number, workingSet: number) => {
      const allowed = (target * workingSet * elapsed) / 60e9
      let answer = BINS
      for (let sum = 0; answer > 0; answer--) {
        sum += loads[answer - 1]
        if (sum > allowed) break
      }
      loads.fill(0)
      answers[known++ % answers.length] = answer
      const count = Math.min(known, answers.length)
      tally.fill(0)
      for (let i = 0; i < count; i++) tally[answers[i]]++
      let usual = 0
      for (let below = tally[0]; below < percentile * count; ) below += tally[++usual]
      return Math.max(usual, answer)
    }

    return {
      unit: 'zpage',
      onLoad(view, zpage) {
        loads[binOf(view.now - view.storedAt(zpage))]++
      },
      onTick(view) {
        const { now } = view
        if (Number.isNaN(intervalStart)) intervalStart = now
        if (now - intervalStart >= interval * 1e9) {
          loads[lastColdBin] += view.refaults - refaults
          refaults = view.refaults
          bin = choose(now - intervalStart, view.activePages + view.inactivePages + view.zpages)
          if (bin < BINS) lastColdBin = bin
          intervalStart = now
        }
        const before = now - Math.max(youngest * 1e9, ageOf(bin))
        let count = 0
        for (let zpage = view.oldest(); zpage >= 0 && count < batch; zpage = view.younger(zpage)) {
          if (view.storedAt(zpage) > before) break
          count++
        }
        return count
      },
    }
  },
}

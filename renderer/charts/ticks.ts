/**
 * Round places for ticks from 0 up to at least `max`, about `count` of them, at 1, 2 or 5 times a power of ten of the unit
 * that `max` is read in: with `base` 1024 the ticks of 57 MiB are 0, 10 MiB, 20 MiB …, not 9.54 MiB, 19.1 MiB ….
 */
export function niceTicks(max: number, base: 1000 | 1024 = 1000, count = 5): number[] {
  if (!(max > 0)) return [0, 1]
  const unit = base === 1000 ? 1 : base ** Math.max(0, Math.floor(Math.log(max) / Math.log(base)))
  const rough = max / unit / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10
  const step = factor * power * unit
  const steps = Math.ceil(max / step - 1e-9)
  // 1000 GiB end at 1200 GiB, which is read in TiB: round there, or the axis would creep when it is drawn again.
  if (base === 1024 && max < unit * base && steps * step >= unit * base) return niceTicks(steps * step, base, count)
  return Array.from({ length: steps + 1 }, (_, at) => at * step)
}

/**
 * Of the ticks of a part of a logarithmic axis those that stand apart. They lie unevenly, so that leaving out every second would not do. At 1, 2 and 5 times a
 * power of ten where there are three such; else at all the places there are. The ends of the axis, which are seldom round, are left to their neighbours.
 * @param apart share of the axis
 */
export function ticksApart<Tick extends { value: number }>(ticks: Tick[], { min, max }: Ends, apart: number): Tick[] {
  const inside = ticks.filter(({ value }) => value > min && value < max)
  const round = inside.filter(({ value }) => [1, 2, 5].includes(Number(value.toExponential(6).split('e')[0])))
  let last = Number.NEGATIVE_INFINITY
  return (round.length >= 3 ? round : inside).filter(({ value }) => {
    const place = Math.log(value / min) / Math.log(max / min)
    if (place - last < apart) return false
    last = place
    return true
  })
}

/** A tick's label without the digits and the unit that say nothing at a round place: 45.0 k/s is 45 k/s there, and 0 ns is 0. */
export const roundLabel = (label: string): string =>
  label.replace(/^0\u00a0.*/, '0').replace(/^(-?[\d,]+)(?:\.0+|(\.\d*?)0+)(?=\u00a0|$)/, '$1$2')

/** The 3.10 of a version is a name, which ends at its own last digit. */
export const tickLabel = ({ format, named }: Labelled, value: number): string =>
  named ? format(value) : roundLabel(format(value))

interface Labelled {
  format: (value: number) => string
  named?: boolean
}

interface Ends {
  min: number
  max: number
}

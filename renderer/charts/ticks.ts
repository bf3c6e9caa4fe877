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

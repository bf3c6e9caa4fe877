/**
 * Sizes of zpages as Dan Magenheimer measured them in 2012 on a kernel build with lzo: mean 694 bytes, standard deviation 474, of
 * which 11 % are all-zero pages of 28 bytes. The shape between is not known: lognormal is assumed, which has the long tail of
 * pages that compress badly.
 */

const MEAN = 694
const DEVIATION = 474
const ZERO_SHARE = 0.11
const ZERO_BYTES = 28
// What the other pages must have for the whole to come out as measured.
const OTHER_MEAN = (MEAN - ZERO_SHARE * ZERO_BYTES) / (1 - ZERO_SHARE)
const OTHER_SQUARE = (MEAN ** 2 + DEVIATION ** 2 - ZERO_SHARE * ZERO_BYTES ** 2) / (1 - ZERO_SHARE)
const SIGMA = Math.sqrt(Math.log(OTHER_SQUARE / OTHER_MEAN ** 2))
const MU = Math.log(OTHER_MEAN) - SIGMA ** 2 / 2

/**
 * @param random uniform 0..1
 * @param times 2 or 3: doubled and tripled, as he did
 * @returns bytes of one zpage, 28..4096
 */
export function danSize(random: () => number, times = 1): number {
  if (random() < ZERO_SHARE) return ZERO_BYTES
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.min(4096, Math.max(ZERO_BYTES, Math.round(Math.exp(MU + SIGMA * normal) * times)))
}

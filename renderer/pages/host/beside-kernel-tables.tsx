import { Text } from '@mantine/core'
import type { BesideKernel, KernelComparison } from '../../../main/contract/index.ts'
import { formatCount, formatNs, formatRate } from '../../format/quantity.ts'
import { Part } from '../../shell/part.tsx'
import { Figures, over, type Row, times } from './figures.tsx'

/** Smallest and largest of the rounds: their spread is the doubt. */
const spread = (rounds: readonly number[], format: (value: number) => string): string =>
  `${format(Math.min(...rounds))} … ${format(Math.max(...rounds))}`

/** The engine's store, load and writeback beside those of this host's zswap. */
export function BesideKernelTables({ comparison }: { comparison: KernelComparison }) {
  const { kernel, compressor, corpus, pages, cpu, lanes, writeback } = comparison
  const row = (name: string, one: BesideKernel): Row => ({
    name,
    cells: [
      name,
      over(formatNs(one.engineNs), `codec ${formatNs(one.codecNs)}`),
      over(formatNs(one.kernelNs), `path ${formatNs(one.pathNs)}`),
      over(times(one.overKernel), spread(one.rounds.overKernel, times)),
      over(times(one.overNet), spread(one.rounds.overNet, times)),
    ],
  })
  return (
    <>
      <Part title="Beside this kernel's zswap, median per page">
        <Text size="sm" mb={4}>
          {compressor} on Linux {kernel}, {cpu === null ? 'not pinned' : `both on CPU ${cpu}`}; {formatCount(pages)}{' '}
          pages, {corpus}. The path is the kernel with a page of zeros, which needs neither codec nor pool. Below each
          ratio: the smallest and largest of its rounds.
        </Text>
        <Figures
          caption="Store and load beside the kernel"
          head={['Operation', 'Engine', 'Kernel', '÷ kernel', '÷ (kernel − path)']}
          words={1}
          rows={lanes.flatMap(({ lane, store, load }) => [row(`${lane} store`, store), row(`${lane} load`, load)])}
        />
      </Part>
      <Part title="Writeback beside this kernel's zswap">
        <Figures
          caption="Writeback beside the kernel"
          head={['Who and how', 'Flush', 'Pages', 'Rate', '÷ kernel']}
          words={2}
          rows={writeback.map(({ who, how, flush, pages: written, pagesPerS, rounds, overKernel }) => ({
            name: `${who}, ${how}, ${flush}`,
            cells: [
              over(who, how),
              flush,
              formatCount(written),
              over(formatRate(pagesPerS), spread(rounds, formatRate)),
              overKernel && over(times(overKernel.ratio), spread(overKernel.rounds, times)),
            ],
          }))}
        />
        <Text size="sm" mt={4}>
          ÷ kernel: the engine's rate by that of the kernel's drain without a flush, in the same round.
        </Text>
      </Part>
    </>
  )
}

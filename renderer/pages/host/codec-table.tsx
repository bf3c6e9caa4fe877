import { List, Text } from '@mantine/core'
import { CALIBRATED_POOLS, type Calibration } from '../../../main/contract/index.ts'
import { formatCount, formatNs } from '../../format/quantity.ts'
import { Part } from '../../shell/part.tsx'
import { Figures, over, times } from './figures.tsx'

/** The raw codec beside the pools of the engine that use it. */
export function CodecTable({ rows }: { rows: Calibration['codecs'] }) {
  const corpora = [...new Set(rows.map(({ corpus, pages }) => `${corpus}, ${formatCount(pages)} pages`))]
  return (
    <Part title="Codecs, median per page">
      <Text size="sm" mb={4}>
        Contents: {corpora.join('; ')}. Raw is the codec alone, to one place that stays in the CPU caches; in place, to
        a place of the page's own.
      </Text>
      <Figures
        caption="Codec calibration"
        head={['Codec', 'Pool', 'Compress, raw', 'Decompress, raw', 'Store', 'Load']}
        words={2}
        rows={rows.map((row) => ({
          name: `${row.codec} ${row.pool}`,
          cells: [
            over(row.codec, `ratio ${row.ratio.toFixed(2)}`),
            row.pool,
            over(formatNs(row.rawCompressNs), row.rawInPlaceNs !== null && `${formatNs(row.rawInPlaceNs)} in place`),
            formatNs(row.rawDecompressNs),
            over(
              formatNs(row.storeNs),
              `${times(row.storeOverRaw)} raw${row.rawInPlaceNs === null ? '' : `, ${times(row.storeNs / row.rawInPlaceNs)} in place`}`,
            ),
            over(formatNs(row.loadNs), `${times(row.loadOverRaw)} raw`),
          ],
        }))}
      />
      <List size="sm" mt="xs">
        {Object.entries(CALIBRATED_POOLS).map(([pool, what]) => (
          <List.Item key={pool}>
            {pool}: {what}.
          </List.Item>
        ))}
      </List>
    </Part>
  )
}

import { List, Stack, Text } from '@mantine/core'
import { type Calibration, observerFigures } from '../../../main/contract/index.ts'
import { formatNs } from '../../format/quantity.ts'
import { Part } from '../../shell/part.tsx'
import { BesideKernelTables } from './beside-kernel-tables.tsx'
import { CodecTable } from './codec-table.tsx'
import { DiskTable } from './disk-table.tsx'

/** The tables of a calibration. */
export function CalibrationResults({
  calibration: { clock, observer, codecs, disk, kernel, skipped },
}: {
  calibration: Calibration
}) {
  return (
    <Stack gap="md" mt="sm">
      <Text size="sm">
        {observer
          ? `Cost of looking, each doing nothing: ${observerFigures(observer)
              .map(([name, ns]) => `${name} ${formatNs(ns)}`)
              .join(', ')}. What is not far above it is no measurement.`
          : `Reading the clock costs ${formatNs(clock.overheadNs)}.`}
      </Text>
      {codecs.length > 0 && <CodecTable rows={codecs} />}
      {disk.length > 0 && <DiskTable rows={disk} />}
      {kernel && <BesideKernelTables comparison={kernel} />}
      {skipped.length > 0 && (
        <Part title="Left out">
          <List size="sm">
            {skipped.map(({ what, reason }) => (
              <List.Item key={what}>
                {what}: {reason}
              </List.Item>
            ))}
          </List>
        </Part>
      )}
    </Stack>
  )
}

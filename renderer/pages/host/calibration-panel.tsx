import { Button, Group, Loader, NativeSelect, Text } from '@mantine/core'
import { IconPlayerStop, IconRuler } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CalibrationPeer } from '../../../main/contract/index.ts'
import { formatClock, formatWhen } from '../../format/quantity.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { ErrorAlert, FaultAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'
import { type Measurement, useWithConsent } from '../../shell/with-consent.tsx'
import { CalibrationResults } from './calibration-results.tsx'

const POLL_MS = 1_000

interface CalibrationRequest extends Measurement {
  against: CalibrationPeer | null
}

const refresh = () => queryClient.invalidateQueries({ queryKey: queries.host.calibration.key() })

/** The host's own limits beside the engine's cost on the same work. The lab keeps the last one, and one under way goes on without the window. */
export function CalibrationPanel() {
  const [against, setAgainst] = useState<CalibrationPeer | null>(null)
  const calibrate = useWithConsent({
    act: ({ against: peer }: CalibrationRequest, privileged) => lab.host.calibrate({ against: peer, privileged }),
    onDone: refresh,
  })
  const state = useQuery(
    queries.host.calibration.queryOptions({
      refetchInterval: ({ state: { data } }) => (calibrate.isPending || data?.underWay ? POLL_MS : false),
    }),
  )
  const cancel = useMutation({ mutationFn: () => lab.host.cancelCalibration(), onSuccess: refresh })
  const lanes = useQuery(queries.lanes.queryOptions({ staleTime: 30_000 }))
  const kernelReason = lanes.data?.find(({ lane }) => lane === 'kernel-zswap')?.reason ?? null
  const { last, file, underWay } = state.data ?? { last: null, file: '', underWay: null }
  const busy = calibrate.isPending || underWay !== null
  return (
    <Panel
      title="Calibration"
      lead="The clock, the codecs and the disk of this host, and what the engine adds to them."
      controls={
        <>
          <NativeSelect
            size="xs"
            aria-label="Beside"
            disabled={busy}
            value={against ?? ''}
            onChange={({ currentTarget }) => setAgainst(CalibrationPeer.safeParse(currentTarget.value).data ?? null)}
            data={[
              { value: '', label: 'Beside fio, where it is' },
              { value: 'fio', label: 'Beside fio, or not at all' },
              { value: 'kernel', label: "Beside this kernel's zswap too", disabled: kernelReason !== null },
            ]}
          />
          <Button
            size="xs"
            leftSection={<IconRuler size={14} aria-hidden />}
            disabled={busy}
            onClick={() => calibrate.ask({ spec: undefined, against })}
          >
            Calibrate
          </Button>
        </>
      }
    >
      {kernelReason !== null && (
        <Text size="xs" c="dimmed">
          Not beside this kernel's zswap: {kernelReason}
        </Text>
      )}
      <div role="status">
        {busy ? (
          <Group gap="sm" mih={36}>
            <Loader size="xs" aria-hidden />
            <Text size="sm" style={{ flex: '1 1 200px' }}>
              {underWay?.step ?? 'Starting'}
            </Text>
            <Text size="sm" c="dimmed" aria-live="off">
              {formatClock(underWay?.elapsedMs ?? 0)}; about a minute in all, beside fio five to thirty
            </Text>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlayerStop size={14} aria-hidden />}
              loading={cancel.isPending}
              onClick={() => cancel.mutate()}
            >
              Cancel calibration
            </Button>
          </Group>
        ) : calibrate.fault?.code === 'cancelled' ? (
          <Text size="sm">{calibrate.fault.message}</Text>
        ) : (
          state.data && !last && !calibrate.fault && <Text size="sm">Nothing has been calibrated in this lab yet.</Text>
        )}
      </div>
      {calibrate.fault && calibrate.fault.code !== 'cancelled' && (
        <FaultAlert title="The calibration failed" fault={calibrate.fault} />
      )}
      {state.error && <ErrorAlert title="The last calibration could not be read" error={state.error} />}
      {last && (
        <>
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            As of {formatWhen(last.host.readAt)}, kept in {file}: a simulation takes it as its device.
          </Text>
          <CalibrationResults calibration={last} />
        </>
      )}
      {calibrate.consent}
    </Panel>
  )
}

import { Button, Group, List, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import type { KernelConsent, LabFault } from '../../main/contract/index.ts'
import { faultFrom } from '../lab/fault.ts'
import { queries } from '../lab-client.ts'
import { ErrorAlert } from './fault-alert.tsx'

/** What is to be run, for the dialog to say what it would change. */
export interface Measurement {
  /** undefined: a calibration against the kernel. */
  spec: unknown
  swapDir?: string | undefined
}

interface WithConsent<R extends Measurement, T> {
  act: (request: R, privileged: boolean) => Promise<T>
  onDone: (result: T) => void
}

/** Asks the lab for something that measures. Where it wants a permission first, `consent` is the dialog that asks for it. */
export function useWithConsent<R extends Measurement, T>({ act, onDone }: WithConsent<R, T>) {
  const [asking, setAsking] = useState<R | null>(null)
  // A button that waits for an answer is disabled and loses the focus, so the dialog cannot know where it came from.
  const opener = useRef<Element | null>(null)
  const action = useMutation({
    mutationFn: ({ request, privileged }: { request: R; privileged: boolean }) => act(request, privileged),
    onSuccess: (result) => {
      setAsking(null)
      onDone(result)
    },
    onError: (error, { request }) => {
      const { code, field } = faultFrom(error)
      setAsking(code === 'no_permission' && field === 'privileged' ? request : null)
    },
  })
  const consent: ReactNode = asking && (
    <ConsentDialog
      request={asking}
      starting={action.isPending}
      onAllow={() => action.mutate({ request: asking, privileged: true })}
      onRefuse={() => {
        setAsking(null)
        setTimeout(() => opener.current instanceof HTMLElement && opener.current.focus())
      }}
    />
  )
  return {
    reset: action.reset,
    ask: (request: R) => {
      opener.current = document.activeElement
      action.mutate({ request, privileged: false })
    },
    isPending: action.isPending,
    /** While a permission is asked for, nothing has been refused yet. */
    fault: asking || !action.error ? null : withoutConsent(faultFrom(action.error)),
    request: action.variables?.request,
    consent,
  }
}

/** A permission is no field of the experiment, and a person who withheld it need not be told what it is for. */
function withoutConsent(fault: LabFault): LabFault {
  if (fault.field !== 'privileged') return fault
  return {
    code: fault.code,
    message: 'Nothing was started: the lab was not allowed to change the swap settings of this host.',
    remedy:
      'Nothing was changed or measured, and the experiment is as it was. Start it again, or leave its kernel lanes out.',
  }
}

interface ConsentProps {
  request: Measurement
  starting: boolean
  onAllow: () => void
  onRefuse: () => void
}

const WHERE_IT_ASKS = {
  desktop: (program) => `Your desktop will ask for a password next (${program}).`,
  terminal: (program) => `${program} will ask for a password next, in the terminal that Swaplab was started in.`,
  nowhere: (program) =>
    `${program} cannot ask for a password here, and has to allow it without: else start Swaplab in the foreground of a terminal.`,
} as const satisfies Record<NonNullable<KernelConsent['where']>, (program: string) => string>

/** What will be changed on this host and how it comes back, before anybody is asked for a password. */
function ConsentDialog({ request: { spec, swapDir }, starting, onAllow, onRefuse }: ConsentProps) {
  const query = useQuery(queries.host.consent.queryOptions({ input: { spec, swapDir }, staleTime: 0 }))
  const { data } = query
  return (
    <Modal opened onClose={onRefuse} title="Allow changes to the swap of this host?" size="lg">
      <Stack gap="sm">
        <Text size="sm">
          What is measured on the kernel itself needs root, for that time only. Nothing has been changed yet, and
          nothing has been measured.
        </Text>
        {query.error && <ErrorAlert title="What will be changed could not be told" error={query.error} />}
        {data && (
          <>
            <Text size="sm" fw={600}>
              What is changed
            </Text>
            <List size="sm" spacing={2}>
              {data.changes.map((change) => (
                <List.Item key={change}>{change}</List.Item>
              ))}
            </List>
            <Text size="sm" fw={600}>
              How it is put back
            </Text>
            <List size="sm" spacing={2}>
              {data.putBack.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
            <Text size="sm">{WHERE_IT_ASKS[data.where ?? 'nowhere'](data.program ?? 'sudo')}</Text>
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onRefuse}>
            Do not run
          </Button>
          <Button loading={starting} disabled={!data} onClick={onAllow}>
            Allow and start
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

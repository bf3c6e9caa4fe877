import { Box, Button, Code, CopyButton, Skeleton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ExperimentSpec } from '../../../main/contract/index.ts'
import { queries } from '../../lab-client.ts'
import { Panel } from '../../shell/panel.tsx'

/** The whole specification as YAML, to copy into a file or a message. */
export function SpecPanel({ spec }: { spec: ExperimentSpec }) {
  const written = useQuery(queries.spec.write.queryOptions({ input: { spec }, staleTime: Number.POSITIVE_INFINITY }))
  // JSON is YAML: where the lab of today no longer reads a specification of old, it is shown all the same.
  const text = written.data?.yaml ?? (written.error ? JSON.stringify(spec, null, 2) : null)
  return (
    <Panel
      title="Specification"
      lead="Everything this run did. Paste it into the YAML tab of a new run, or into a file for the command line."
      controls={
        <CopyButton value={text ?? ''}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              disabled={text === null}
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy specification'}
            </Button>
          )}
        </CopyButton>
      }
    >
      {text === null ? (
        <Skeleton h={360} />
      ) : (
        <Box role="region" aria-label="Specification text" tabIndex={0} mah={480} style={{ overflow: 'auto' }}>
          <Code block w="max-content" miw="100%" style={{ overflow: 'visible' }}>
            {text}
          </Code>
        </Box>
      )}
    </Panel>
  )
}

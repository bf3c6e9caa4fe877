import { Box, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconEqual, IconHelpCircle } from '@tabler/icons-react'
import type { RunDocument, Verdict } from '../../../main/contract/index.ts'
import { formatCount, wholeFigures } from '../../format/quantity.ts'
import { CollectionPanel } from './collection-panel.tsx'

const LOOKS = {
  yes: { word: 'Yes', tone: 'var(--swaplab-good)', icon: IconCircleCheck },
  no: { word: 'No', tone: 'var(--swaplab-bad)', icon: IconCircleX },
  same: { word: 'Same', tone: 'var(--mantine-color-anchor)', icon: IconEqual },
  unknown: { word: 'Unknown', tone: 'var(--swaplab-warn)', icon: IconHelpCircle },
} as const satisfies Record<Verdict['answer'], unknown>

/** The lab's sentence, which begins with its answer: that word stands out, and is not said twice. */
function Answer({ sentence, word, tone }: { sentence: string; word: string; tone: string }) {
  if (!sentence.startsWith(word)) return sentence
  return (
    <>
      <Text component="span" fw={700} c={tone} inherit>
        {word}
      </Text>
      {sentence.slice(word.length)}
    </>
  )
}

/** The answers, before any figure; where there are none, that all is well is a line and no box. */
export function Verdicts({ document }: { document: RunDocument }) {
  const { run, verdicts, verified } = document
  if (verdicts.length === 0 && verified.pages === 0) return null
  const boxed = verdicts.length > 0 || run.collection !== null || verified.mismatches > 0
  return (
    <Paper component="section" aria-label="Verdict" {...(boxed ? { withBorder: true, p: 'lg' } : { bg: 'none' })}>
      <Stack gap="lg">
        {verdicts.map((verdict) => {
          const { word, tone, icon: Icon } = LOOKS[verdict.answer]
          return (
            <Group key={verdict.question} wrap="nowrap" align="flex-start" gap="md">
              <Box c={tone} style={{ flex: 'none' }}>
                <Icon size={40} aria-hidden />
              </Box>
              <Box style={{ minWidth: 0 }}>
                <Title order={2} size="h3" fw={500}>
                  {verdict.question}
                </Title>
                <Text size="lg" mt={2}>
                  <Answer sentence={wholeFigures(verdict.sentence)} word={word} tone={tone} />
                </Text>
              </Box>
            </Group>
          )
        })}
        <CollectionPanel document={document} />
        {verified.pages > 0 && (
          <Text size="sm" c={verified.mismatches > 0 ? 'var(--swaplab-bad)' : 'dimmed'}>
            {verified.mismatches === 0
              ? `Every page that came back was verified: ${formatCount(verified.pages)} pages, none differed.`
              : `${formatCount(verified.mismatches)} of ${formatCount(verified.pages)} pages came back with other content. No figure of this run can be trusted.`}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

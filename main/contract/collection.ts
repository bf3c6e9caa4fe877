import { z } from 'zod'

/** What was collected beyond the planned trials, and why it ended. */
export const Collection = z.object({
  planned: z.int().describe('trials of all lanes that the specification asks for'),
  added: z.int().describe('trials of all lanes that were added'),
  decision: z.string().describe('the last one, in a sentence: why it stopped, or what is being collected'),
  later: z
    .array(
      z.object({
        startedAt: z.iso.datetime(),
        firstBlock: z.int(),
        otherContents: z.boolean().describe('its page contents are not those of the first trials'),
        warnings: z.array(z.string()).optional().describe('of the host, as it was before them; absent in older runs'),
      }),
    )
    .describe('blocks made at another time than those before them'),
})
export type Collection = z.infer<typeof Collection>

/** "18 trials were planned, 9 were added: every comparison is settled." */
export function collectedText({ planned, added, decision }: Collection): string {
  const why = decision === '' ? '.' : `: ${decision.charAt(0).toLowerCase()}${decision.slice(1)}`
  return `${planned} trials were planned, ${added === 0 ? 'none was' : added === 1 ? '1 was' : `${added} were`} added${why}`
}

/** What a reader of figures must know of trials that were made at another time. */
export function laterBlocks({ later }: Collection): string[] {
  return later.map(
    ({ firstBlock, startedAt, otherContents }) =>
      `Blocks from number ${firstBlock + 1} on were made later (${startedAt.slice(0, 16).replace('T', ' ')} UTC)${otherContents ? ', on other page contents' : ''}. ` +
      'Lanes are interleaved inside every block, so comparisons of lanes hold; the medians of a lane mix both times.',
  )
}

import { z } from 'zod'

/** What a run with kernel lanes will change on this host, for whoever has to allow it. */
export const KernelConsent = z.object({
  program: z
    .string()
    .nullable()
    .describe('what asks for the permission, pkexec or sudo; null: nobody has to be asked, or nothing is changed'),
  where: z
    .enum(['desktop', 'terminal', 'nowhere'])
    .nullable()
    .describe(
      'where it asks; terminal: the one the lab was started in; nowhere: it allows without a question or not at all',
    ),
  changes: z.array(z.string()).describe('each setting, from what to what; empty where the run has no kernel lane'),
  putBack: z.array(z.string()).describe('when and how, and what does it where the lab cannot'),
})
export type KernelConsent = z.infer<typeof KernelConsent>

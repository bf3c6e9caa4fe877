import type { PolicyEntry } from './policy.ts'

export const idleAge: PolicyEntry = {
  name: 'idle-age',
  title: 'Idle age',
  rule: 'zpages that have not been loaded for longer than an age are written back, whether memory is short or not',
  source: "zram's idle writeback; 120 s is the age at which Google's far memory calls a page cold",
  parameters: [
    { name: 'age', default: 120, min: 0.001, max: 86_400, unit: 's', meaning: 'since the store' },
    { name: 'batch', default: 32, min: 1, max: 4096, unit: 'zpages', meaning: 'written back at one look, at most' },
  ],
  create: ({ age, batch }) => ({
    unit: 'zpage',
    onTick(view) {
      const before = view.now - age * 1e9
      let count = 0
      for (let zpage = view.oldest(); zpage >= 0 && count < batch; zpage = view.younger(zpage)) {
        if (view.storedAt(zpage) > before) break
        count++
      }
      return count
    },
  }),
}

import { config } from 'zod'

/** Zod compiles object schemas with `new Function` where it may; the content security policy of both doors forbids that. */
export function forbidEval(): void {
  config({ jitless: true })
}

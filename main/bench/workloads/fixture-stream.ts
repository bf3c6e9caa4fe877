import { type AccessOp, type AccessStream, READ } from './stream.ts'

/** A stream of just these accesses. */
export function listed(accesses: readonly (readonly [vpn: number, op: AccessOp])[]): AccessStream {
  let at = 0
  return {
    vpn: 0,
    op: READ,
    next() {
      const [vpn, op] = accesses[at++]
      this.vpn = vpn
      this.op = op
    },
  }
}

import { LabError } from '../contract/index.ts'

/**
 * Memory of other machines, as a backend that sends zpages on sees it. Puts and flushes are queued, and each node answers its own in their order; a get
 * blocks. Of the zpages of one slot there is one at most, always at the same node: a put replaces it.
 */
export interface RemoteMemory {
  readonly nodes: number
  /** Puts and flushes that are not answered yet, those of which nothing has been sent included. */
  readonly inflight: number
  /** Who hears of the answers. */
  answers: RemoteAnswers | null
  /**
   * Queues a zpage, whose bytes are copied before this returns. `id` comes back with the answer. False where the queue has no room for it now.
   * @param offset of its bytes in the arena
   */
  put(node: number, slot: number, offset: number, bytes: number, id: number): boolean
  /** Queues the removal of a slot's zpage; waits for room in the queue where there is none. */
  flush(node: number, slot: number): void
  /** Sends what is queued as far as it goes, and hands on the answers that are there. Never waits. @throws RemoteLost */
  poll(): void
  /** Waits until everything is answered. @throws RemoteLost */
  drain(): void
  /**
   * Waits for a slot's zpage and leaves its bytes at an offset of the arena. The copy there stays.
   * @returns its bytes; 0 where the node has none @throws RemoteLost
   */
  get(node: number, slot: number, offset: number): number
  /** Checksum of bytes of the arena, 32 bits. */
  checksum(offset: number, bytes: number): number
  /** Zpages a node has, asked of itself; nothing is under way. Not for the hot path. @throws RemoteLost */
  count(node: number): number
  /** What a node is called in messages. */
  nameOf(node: number): string
  /** Leaves nothing behind, as far as the nodes can still be reached. */
  close(): void
}

/** How a put ended. */
export const PUT_STORED = 0
/** The node has no memory for it. */
export const PUT_NO_MEMORY = 1
/** Refused for another reason. */
export const PUT_REFUSED = 2
export type PutEnd = typeof PUT_STORED | typeof PUT_NO_MEMORY | typeof PUT_REFUSED

/** Called from poll, drain, get and flush; may queue, and calls nothing else here. */
export interface RemoteAnswers {
  putEnded(node: number, slot: number, id: number, end: PutEnd): void
  /** `found`: it held one. */
  flushEnded(node: number, slot: number, found: boolean): void
}

/** A node does not answer any more, or not what it was given: the pages it had are lost, and with them the trial. */
export class RemoteLost extends LabError {
  constructor(node: string, why: string, options?: ErrorOptions) {
    super(
      {
        code: 'io_error',
        message: `Node ${node} is lost, and the pages it held with it: ${why}.`,
        remedy: 'See that its server runs on, evicts nothing and can be reached throughout, and run again.',
      },
      options,
    )
    this.name = 'RemoteLost'
  }
}

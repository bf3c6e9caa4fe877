import type { PolicyEntry } from './policy.ts'

/**
 * A writeback policy of your own. Name it in a specification by the path of this file:
 *
 *   lanes:
 *     - { lane: zcache, writeback: on, policy: ./mine.ts, parameters: { oldest: 8 } }
 *
 * The lane does the work (swap cache, writes, limits); a policy only says when, how many and which. It runs in the engine's
 * process, thousands of times a second: no waiting, no I/O, no allocation, no clock but view.now, scans of a bounded length.
 * Every hook below is optional, but without onReclaim, onFull, onLimit and onTick nothing is ever written back. Times are in ns. What
 * `view` offers an editor shows, or the file that PolicyEntry comes from; the policies beside that file are worked examples.
 */
const policy: PolicyEntry = {
  name: 'mine',
  title: 'Mine',
  rule: 'when the pool is nearly full, the largest of the oldest zpages is written back, again and again',
  source: 'my own idea',

  // Numbers that a specification may set: unit is one of share, frames, zpages, bytes, s, ms, ns, count.
  parameters: [
    {
      name: 'full',
      default: 0.95,
      min: 0.1,
      max: 1,
      unit: 'share',
      meaning: 'of the pool limit, where writeback starts',
    },
    { name: 'batch', default: 16, min: 1, max: 256, unit: 'zpages', meaning: 'written back at once' },
    { name: 'oldest', default: 16, min: 1, max: 1024, unit: 'zpages', meaning: 'compared for each victim' },
  ],

  // Called once for each trial: what must be remembered between two calls lives here.
  create({ full, batch, oldest }) {
    let written = 0

    return {
      // 'zpage': victims leave one by one. 'frame': both zpages of a frame at once, which always frees it.
      unit: 'zpage',

      // Reclaim is under way: how many victims to write back now.
      onReclaim: (view) => (view.poolFrames >= full * view.poolLimit ? batch : 0),

      // A store has met a full pool: room made now lets it in, 0 sends the new page to disk.
      onFull: () => 1,

      // Every few milliseconds: a place for work that does not wait for pressure, and for looking back.
      onTick(view) {
        written = view.writtenBack
        return 0
      },

      // A fault loads this zpage, and it is gone: how old was it?
      onLoad(_view, _zpage) {},

      // False sends a page to disk although there is room.
      admit: (_view, bytes) => bytes <= 3584 || written === 0,

      // The next victim, -1 for none. Left out, it is the oldest.
      victim(view) {
        let largest = view.oldest()
        let left = oldest
        for (let zpage = largest; zpage >= 0 && left > 0; zpage = view.younger(zpage)) {
          if (view.bytesOf(zpage) > view.bytesOf(largest)) largest = zpage
          left--
        }
        return largest
      },

      // The other hooks, in full beside PolicyEntry:
      //   begin(view)                      before anything is stored: the place to allocate what grows with the pool
      //   onLimit(view)                    a store begins at the limit: victims to try until one frame has come free
      //   accepts(view)                    a store begins: false refuses it before its page is compressed
      //   onStore(view, zpage)             a store was taken
      //   onDiskFault(view, owner, pages)  a fault has read this page from disk, with so many pages in one read; what an owner is
      //                                    called stays the same (view.ownerOf), numbers of zpages are used again
      //   keepClean(view, owner)           a page leaves memory that is on disk already: true keeps a copy of it here
      //   repatriate(view)                 pages to bring back into memory; repatriateOrder and repatriateWindowNs go with it
    }
  },
}

export default policy

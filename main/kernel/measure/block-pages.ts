import { Arena, native, PAGE_SIZE } from '../../../native-bench/index.ts'
import type { MeasureAnswers, ToMeasure } from './protocol.ts'

/**
 * Pages of a workload beside a block device, which they are written to and read from by direct I/O of 4 KiB. Page n has its place
 * at page n of the device; the last ones are zeros.
 */
export class BlockPages {
  private readonly file: number
  private readonly pages: Arena
  private readonly corpus: Arena
  private readonly corpusPages: Uint32Array

  /** @throws Error EACCES, ENOENT and others of the system */
  constructor({ path, corpus, corpusPages, zeroPages }: Extract<ToMeasure, { kind: 'block-open' }>) {
    this.file = native.fileOpen(path, { write: true, create: false, direct: true, dsync: false })
    this.corpus = new Arena(corpus.length / PAGE_SIZE)
    this.corpus.bytes.set(corpus)
    this.corpusPages = corpusPages
    this.pages = new Arena(corpusPages.length + zeroPages)
    for (const [page, content] of corpusPages.entries())
      native.pageFill(this.pages.id, page, this.corpus.id, content, page, 1)
  }

  write(order: Uint32Array): MeasureAnswers['block'] {
    const { file, pages } = this
    const latencies = Float64Array.from(order, (page) => {
      // As a workload's last write would: one line of the page is in the cache.
      pages.bytes[page * PAGE_SIZE]++
      pages.bytes[page * PAGE_SIZE]--
      return native.fileWrite(file, pages.id, page, 1, page)
    })
    return { latencies, mismatch: -1 }
  }

  read(order: Uint32Array): MeasureAnswers['block'] {
    const { file, pages, corpus, corpusPages } = this
    let mismatch = -1
    const latencies = Float64Array.from(order, (page) => {
      const ns = native.fileRead(file, pages.id, page, 1, page)
      if (page < corpusPages.length && !native.pageVerify(pages.id, page, corpus.id, corpusPages[page], page, 1))
        mismatch = page
      return ns
    })
    return { latencies, mismatch }
  }
}

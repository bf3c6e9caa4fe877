import { Arena, native } from '../../../native-bench/index.ts'
import { type CodecName, type ContentSpec, PAGE_SIZE } from '../../contract/index.ts'
import { openNativeCodec } from '../lanes/native-codec.ts'
import { buildCorpus, type Corpus } from '../workloads/index.ts'

/** Contents of which what was found out is kept: 3 bytes for each page of a corpus with one codec. */
const KEPT = 64

const kept = new Map<string, CorpusPages>()

/**
 * The pages of a specification's contents. What was found out about made-up ones is kept in this thread: a sweep asks for the same again and again, and to
 * make and compress them takes longer than many a simulation.
 * @throws LabError those of buildCorpus
 */
export function corpusPages(content: ContentSpec, options: { seed: number; selfCorpus: string | null }): CorpusPages {
  const build = () => buildCorpus(content, options)
  if (content.source !== 'synthetic') return new CorpusPages(build)
  const key = JSON.stringify([content, options.seed])
  const known = kept.get(key)
  if (known) return known
  const pages = new CorpusPages(build)
  const [oldest] = kept.keys()
  if (kept.size === KEPT) kept.delete(oldest)
  kept.set(key, pages)
  return pages
}

/** What a simulation wants to know of page contents, each found out once: how long a page is by a codec, and whether it is one repeated word. */
export class CorpusPages {
  readonly facts: Corpus['facts']
  private readonly build: () => Corpus
  private corpus: Corpus | null
  private readonly lengths = new Map<string, Uint16Array>()
  private kinds: Uint8Array | null = null

  /** @param build called at once, and again where something new is asked after release() */
  constructor(build: () => Corpus) {
    this.build = build
    this.corpus = build()
    this.facts = this.corpus.facts
  }

  /** Bytes of each page, compressed; 4096 for one that does not compress. @throws LabError `codec_unavailable` */
  bytesBy(codec: { name: CodecName; level: number | undefined }): Uint16Array {
    const key = `${codec.name}:${codec.level ?? ''}`
    const known = this.lengths.get(key)
    if (known) return known
    const bytes = bytesOfPages(codec, this.open())
    this.lengths.set(key, bytes)
    return bytes
  }

  /** By page, as SameFilled. */
  sameFilled(): Uint8Array {
    if (this.kinds) return this.kinds
    const { arena, pages } = this.open()
    this.kinds = Uint8Array.from({ length: pages }, (_, page) => native.pageSameFilled(arena.id, page))
    return this.kinds
  }

  /** Gives the contents back; what was found out stays. */
  release(): void {
    this.corpus?.release()
    this.corpus = null
  }

  private open(): Corpus {
    this.corpus ??= this.build()
    return this.corpus
  }
}

function bytesOfPages(
  codec: { name: CodecName; level: number | undefined },
  corpus: Pick<Corpus, 'arena' | 'pages'>,
): Uint16Array {
  const arena = new Arena(3)
  try {
    const opened = openNativeCodec(codec.name, codec.level, arena, 1)
    try {
      return Uint16Array.from({ length: corpus.pages }, (_, page) => {
        // With the stamp every page of a trial carries.
        native.pageFill(arena.id, 0, corpus.arena.id, page, page, 1)
        return opened.compress(0, opened.scratch, PAGE_SIZE) || PAGE_SIZE
      })
    } finally {
      opened.close()
    }
  } finally {
    arena.release()
  }
}

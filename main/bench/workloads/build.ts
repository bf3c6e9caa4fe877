import { AccessPattern, type PatternSpec, sharePages } from './access-pattern.ts'
import { ScatteredZipf } from './scattered-zipf.ts'
import type { AccessShape } from './stream.ts'

/** Accesses of one process before the next has the CPU. */
const TIME_SLICE = 64
/** Accesses to the shared set are skewed as those to headers and the compiler's own text are. */
const SHARED_THETA = 0.9
/** The smallest process has this share of the pages of the largest. */
const SMALLEST = 0.25

/**
 * `make -jN`: N processes at a time, each short-lived: it writes its own pages one after the other, returns to them evenly while
 * it grows, and frees all of them at its end; then the next process begins in their place. All of them use a shared set (compiler, headers) by a Zipf law. Sizes are drawn
 * evenly between a quarter and the whole of a process's room, so that ends do not fall together. Processes have the CPU in turns. This is the load that
 * Magenheimer's and Jennings's figures of 2012 and 2013 were made with.
 *
 * The shared set is the low end of the address space, the processes' rooms follow; what is left at the end is not used.
 */
export class Build extends AccessPattern {
  private readonly shared: number
  private readonly sharedPages: ScatteredZipf
  private readonly sharing: number
  private readonly jobs: number
  /** Pages at most of one process. */
  private readonly room: number
  // A row for each process: pages it will have, has written, and has freed.
  private readonly size: Uint32Array
  private readonly grown: Uint32Array
  private readonly freed: Uint32Array
  private job = 0
  private slice = TIME_SLICE

  constructor(spec: PatternSpec<'build'>, shape: AccessShape) {
    super(spec, shape)
    this.shared = sharePages(spec.shared, shape.pages)
    const rest = shape.pages - this.shared
    this.jobs = Math.min(spec.jobs, rest)
    this.room = this.jobs === 0 ? 0 : Math.floor(rest / this.jobs)
    this.sharedPages = new ScatteredZipf(this.shared, this.shared, SHARED_THETA, shape.seed)
    this.sharing = this.jobs === 0 ? 1 : spec.sharing
    this.size = Uint32Array.from({ length: this.jobs }, () => this.drawSize())
    this.grown = new Uint32Array(this.jobs)
    this.freed = new Uint32Array(this.jobs)
  }

  next(): void {
    if (this.slice-- === 0) {
      this.slice = TIME_SLICE - 1
      this.job = this.job + 1 >= this.jobs ? 0 : this.job + 1
    }
    const { job, random } = this
    if (this.jobs > 0 && this.grown[job] === this.size[job]) {
      this.release(job)
      return
    }
    if (random.float() < this.sharing) {
      this.touch(this.sharedPages.draw(random))
      return
    }
    const base = this.shared + job * this.room
    const grown = this.grown[job]
    // Half of its own accesses take a new page, so a process ends after about twice as many of them as it has pages.
    if (grown === 0 || random.float() < 0.5) {
      this.write(base + grown)
      this.grown[job] = grown + 1
    } else this.touch(base + random.below(grown))
  }

  /** An exit frees a process's pages one after the other; then another process begins. */
  private release(job: number): void {
    const freed = this.freed[job]
    this.free(this.shared + job * this.room + freed)
    if (freed + 1 < this.grown[job]) {
      this.freed[job] = freed + 1
      return
    }
    this.freed[job] = 0
    this.grown[job] = 0
    this.size[job] = this.drawSize()
  }

  private drawSize(): number {
    return Math.max(1, Math.ceil(this.room * (SMALLEST + (1 - SMALLEST) * this.random.float())))
  }
}

import { AccessPattern } from './access-pattern.ts'

/** Every page as likely as any other: no locality, the worst case of every policy. */
export class Uniform extends AccessPattern {
  next(): void {
    this.touch(this.random.below(this.pages))
  }
}

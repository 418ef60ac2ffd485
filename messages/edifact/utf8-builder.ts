// utf8-builder — text that grows piece by piece, as UTF-8 in one buffer: a large message's XML is a hundred thousand
// pieces, and as strings they would be most of the work of making it.

/**
 * What the last one wrote in, for the next: most messages are small, and a new buffer for each would cost as much as
 * filling it.
 */
let spare: Buffer | undefined

/** Text that grows, as UTF-8 from the start. */
export class Utf8Builder {
  /** Bytes so far. May be set back to what it was. */
  length = 0
  #bytes: Buffer

  constructor() {
    this.#bytes = spare ?? Buffer.allocUnsafe(65_536)
    spare = undefined
  }

  /** Names and the like, known to be ASCII. */
  ascii(text: string): void {
    const end = this.length + text.length
    if (end > this.#bytes.length) this.#grow(end)
    const bytes = this.#bytes
    let at = this.length
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    this.length = at
  }

  /** A value. `escape` is asked when it holds anything but plain ASCII. */
  value(text: string, escape: (text: string) => string): void {
    const end = this.length + text.length
    if (end > this.#bytes.length) this.#grow(end)
    const bytes = this.#bytes
    let at = this.length
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i)
      if (c < 0x20 || c > 0x7e || c === 0x26 || c === 0x3c || c === 0x3e) return this.#any(escape(text))
      bytes[at++] = c
    }
    this.length = at
  }

  /** What was written, in a buffer of its own. */
  finish(): Buffer {
    const own = Buffer.from(this.#bytes.subarray(0, this.length))
    if (this.#bytes.length <= 4 << 20) spare = this.#bytes
    this.#bytes = Buffer.alloc(0)
    this.length = 0
    return own
  }

  #any(text: string): void {
    const most = this.length + text.length * 3
    if (most > this.#bytes.length) this.#grow(most)
    this.length += this.#bytes.write(text, this.length, 'utf8')
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, least))
    larger.set(this.#bytes.subarray(0, this.length))
    this.#bytes = larger
  }
}

// sheet — paper: lines of measured text in bordered cells, which go on on the next page where one ends. Nothing is
// drawn over anything else.
import type PDFDocument from 'pdfkit'

type Document = InstanceType<typeof PDFDocument>

const margin = 42
const grey = '#5f6b76'
const rule = '#8a949e'
const fill = '#eef1f4'
const labelSize = 7.5
const lineFactor = 1.42

interface Cell {
  /** Share of the row's width. */
  share: number
  label?: string
  text: string
  size?: number
  color?: string
  filled?: boolean
}

export type Sheet = ReturnType<typeof createSheet>

/** Characters without a picture: zero width, marks of direction, byte order. */
const unseen = /[\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g
const dotless = new Map([['ı', 'i']])
/** Of alphabets only: a Korean syllable without its vowel would be another. */
const bareOf = (letter: string): string =>
  dotless.get(letter) ??
  (/[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(letter) ? [...letter.normalize('NFD')][0]! : letter)
/** Rows that are not higher than this stay on one page. */
const wholeLines = 14
/** Of a row that is cut, on either page. */
const leastLines = 3

/** Lengths are in points, 1/72 inch. @param hasGlyph whether the font has it */
export function createSheet(doc: Document, hasGlyph: (letter: string) => boolean) {
  const left = margin
  const width = doc.page.width - 2 * margin
  const bottom = doc.page.height - margin - 22
  let y = margin
  const widths = new Map<string, number>()
  const drawn = new Map<string, string>()

  /** What the font lacks: a letter without its marks where there is one (Ş: S), else 〓, the printer's stand-in. */
  function drawable(text: string): string {
    let made = ''
    for (const letter of text.replace(/\t/g, ' ').replace(unseen, '')) {
      let known = drawn.get(letter)
      if (known === undefined) {
        const bare = bareOf(letter)
        known = hasGlyph(letter) || letter === '\n' || letter === '\r' ? letter : hasGlyph(bare) ? bare : '〓'
        drawn.set(letter, known)
      }
      made += known
    }
    return made
  }

  function widthOf(text: string, size: number): number {
    let sum = 0
    for (const letter of text) {
      let known = widths.get(letter)
      if (known === undefined) {
        known = doc.fontSize(100).widthOfString(letter) / 100
        widths.set(letter, known)
      }
      sum += known * size
    }
    return sum
  }

  /** Breaks at spaces where a line has one, else anywhere: Chinese has none, and a long number is broken too. */
  function wrap(text: string, size: number, most: number): string[] {
    const lines: string[] = []
    for (const paragraph of drawable(text).split(/\r?\n/)) {
      let line = ''
      let used = 0
      for (const letter of paragraph) {
        const wide = widthOf(letter, size)
        if (line !== '' && used + wide > most) {
          const space = /[!-~]$/.test(line) && /[!-~]/.test(letter) ? line.lastIndexOf(' ') : -1
          const rest = space > 0 ? line.slice(space + 1) : ''
          lines.push(space > 0 ? line.slice(0, space) : line.trimEnd())
          line = rest
          used = widthOf(rest, size)
          if (line === '' && letter === ' ') continue
        }
        line += letter
        used += wide
      }
      lines.push(line)
    }
    return lines
  }

  function put(text: string, at: { x: number; y: number; size: number; color?: string }): void {
    doc
      .fillColor(at.color ?? 'black')
      .fontSize(at.size)
      .text(text, at.x, at.y, { lineBreak: false })
  }

  function newPage(): void {
    doc.addPage()
    y = margin
  }

  return {
    left,
    width,
    get y() {
      return y
    },
    /** In points; a letter the paper's font lacks is as wide as what stands for it. */
    widthOf,
    wrap,
    put,
    newPage,
    down(points: number) {
      y += points
    },
    /** Lines in the middle of the given width. */
    centred(text: string, size: number, { x, w, color }: { x: number; w: number; color?: string }): void {
      for (const line of wrap(text, size, w)) {
        put(line, { x: x + (w - widthOf(line, size)) / 2, y, size, ...(color === undefined ? {} : { color }) })
        y += size * lineFactor
      }
    },
    /** A row of bordered cells as high as its fullest; what does not fit goes on on the next page, below `again`. */
    row(cells: readonly Cell[], again?: () => void): void {
      const pad = 4
      const laid = cells.map((cell) => {
        const size = cell.size ?? 9.5
        const w = width * cell.share
        return {
          ...cell,
          size,
          w,
          labels: wrap(cell.label ?? '', labelSize, w - 2 * pad),
          lines: wrap(cell.text, size, w - 2 * pad),
        }
      })
      const labelHeight = laid.some(({ label }) => label !== undefined)
        ? Math.max(...laid.map(({ labels }) => labels.length)) * labelSize * lineFactor
        : 0
      const lineHeight = Math.max(...laid.map(({ size }) => size)) * lineFactor
      let from = 0
      const total = Math.max(...laid.map(({ lines }) => lines.length))
      do {
        const space = Math.floor((bottom - y - labelHeight - 2 * pad) / lineHeight)
        const rest = total - from
        if (space < (total <= wholeLines ? rest : Math.min(rest, leastLines))) {
          newPage()
          again?.()
          continue
        }
        // Not a line or two alone on the next page.
        const now = space >= rest ? rest : Math.max(1, Math.min(space, rest - leastLines))
        const height = labelHeight + now * lineHeight + 2 * pad
        let x = left
        for (const cell of laid) {
          if (cell.filled) doc.rect(x, y, cell.w, height).fill(fill)
          doc.lineWidth(0.6).strokeColor(rule).rect(x, y, cell.w, height).stroke()
          cell.labels.forEach((line, i) =>
            put(line, { x: x + pad, y: y + pad - 1 + i * labelSize * lineFactor, size: labelSize, color: grey }),
          )
          cell.lines.slice(from, from + now).forEach((line, i) =>
            put(line, {
              x: x + pad,
              y: y + pad + labelHeight + i * lineHeight,
              size: cell.size,
              ...(cell.color === undefined ? {} : { color: cell.color }),
            }),
          )
          x += cell.w
        }
        y += height
        from += now
      } while (from < total)
    },
    /** Room for a heading and something below it, or the next page. */
    keepTogether(height: number): void {
      if (y + height > bottom) newPage()
    },
  }
}

/** The colours of a sheet, as pdfkit takes them. */
export const colours = { grey, rule }

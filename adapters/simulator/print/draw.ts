// draw — a print as a PDF: title, number with its QR code, the boxes as the form has them. Loaded when the first print
// is due: pdfkit and a font of ten megabytes are of no use before. The same order gives the same bytes, so that what is
// posted twice is one.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import PDFDocument from 'pdfkit'
import { encode } from 'uqr'
import type { PrintedBox, PrintOrder, Section, TableSection } from './order.js'
import { colours, createSheet, type Sheet } from './sheet.js'

/** The build copies it there; the sources of a test find it in dist. */
const fontFile = (): string => {
  const built = fileURLToPath(new URL('../../../fonts/NotoSansSC-Regular.ttf', import.meta.url))
  return existsSync(built)
    ? built
    : fileURLToPath(new URL('../../../dist/fonts/NotoSansSC-Regular.ttf', import.meta.url))
}

const qrPoints = 72

let font: Buffer | undefined

/** Draws a print as a PDF of A4 pages. */
export async function drawPrint(order: PrintOrder): Promise<Buffer> {
  font ??= readFileSync(fontFile())
  const { title, subtitle, number, state, sections, at } = order
  const day = new Date(Number.isNaN(Date.parse(`${at}Z`)) ? 0 : `${at.slice(0, 19)}+08:00`)
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    lang: 'zh-CN',
    info: {
      Title: `${title} ${number}`,
      Subject: subtitle,
      Author: '模拟主管部门',
      Creator: 'Single Window simulator',
      CreationDate: day,
      ModDate: day,
    },
  })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) =>
    doc
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', reject),
  )
  doc.registerFont('sc', font).font('sc')
  const sheet = createSheet(doc, (letter) => covers(doc, letter))
  head(sheet, order, (x, y) => qr(doc, number, { x, y }))
  for (const section of sections) draw(sheet, section)
  sheet.keepTogether(40)
  sheet.down(10)
  sheet.row([
    { share: 0.5, label: '办理结果', text: state },
    { share: 0.5, label: '日期', text: at.slice(0, 10) },
  ])
  foot(doc, sheet, `${title} ${number}`)
  doc.end()
  return done
}

function head(sheet: Sheet, { title, subtitle, number }: PrintOrder, code: (x: number, y: number) => void): void {
  const top = sheet.y
  const side = qrPoints + 12
  const middle = { x: sheet.left + side, w: sheet.width - 2 * side }
  code(sheet.left + sheet.width - qrPoints, top)
  sheet.down(4)
  sheet.centred(title, title.length > 16 ? 15 : 19, middle)
  if (subtitle !== title) sheet.centred(subtitle, 9.5, { ...middle, color: colours.grey })
  sheet.down(3)
  sheet.centred(`编号 ${number}`, 10.5, middle)
  sheet.down(Math.max(10, top + qrPoints + 10 - sheet.y))
}

function draw(sheet: Sheet, section: Section): void {
  const heading = (more = '') => {
    sheet.row([{ share: 1, text: section.title + more, size: 10, filled: true }])
  }
  sheet.keepTogether(70)
  sheet.down(8)
  heading()
  if ('columns' in section) {
    const shares = sharesOf(sheet, section)
    const columns = () =>
      sheet.row(section.columns.map((text, i) => ({ share: shares[i]!, text, size: 8, color: colours.grey })))
    columns()
    for (const row of section.rows)
      sheet.row(
        row.map((text, i) => ({ share: shares[i]!, text, size: 9 })),
        () => {
          heading('（续）')
          columns()
        },
      )
    return
  }
  const half = sheet.width / 2 - 8
  const again = () => heading('（续）')
  let waiting: PrintedBox[] = []
  for (const box of section.boxes) {
    // What needs more than two lines of half the width has the whole.
    const long = sheet.wrap(box.value, 9.5, half).length > 2 || sheet.wrap(box.label, 7.5, half).length > 1
    if (long) {
      pair(sheet, waiting, again)
      waiting = []
      pair(sheet, [box], again)
      continue
    }
    waiting.push(box)
    if (waiting.length === 2) {
      pair(sheet, waiting, again)
      waiting = []
    }
  }
  pair(sheet, waiting, again)
}

function pair(sheet: Sheet, boxes: PrintedBox[], again: () => void): void {
  if (boxes.length > 0)
    sheet.row(
      boxes.map(({ label, value }) => ({ share: 1 / boxes.length, label, text: value })),
      again,
    )
}

/**
 * By what the columns hold. None is narrower than its longest word, as far as all have room for theirs: a number that
 * is broken over two lines is misread.
 * @returns the share of the row's width that each column has
 */
export function sharesOf(sheet: Pick<Sheet, 'widthOf' | 'width'>, { columns, rows }: TableSection): number[] {
  const pad = 9
  const weight = (text: string) =>
    Math.min(28, Math.max(4, [...text].reduce((sum, c) => sum + (c > '⺀' ? 2 : 1), 0))) // prettier-ignore
  const longestWord = (text: string) =>
    Math.max(0, ...(text.match(/[!-~]+/g) ?? []).map((word) => (word.length > 24 ? 0 : sheet.widthOf(word, 9))))
  const cells = columns.map((column, i) => [column, ...rows.map((row) => row[i] ?? '')])
  const least = cells.map((all) => Math.max(18, ...all.map(longestWord)) + pad)
  const weights = cells.map((all) => Math.max(...all.map(weight)))
  const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0)
  const floor = sum(least) <= sheet.width ? least : least.map(() => 0)
  // What is left is given by weight, to those that would have more than their longest word by weight alone.
  const wanted = weights.map((one) => (one / sum(weights)) * sheet.width)
  const more = wanted.map((one, i) => Math.max(0, one - floor[i]!))
  const left = sheet.width - sum(floor)
  return floor.map(
    (one, i) => (one + (sum(more) > 0 ? (left * more[i]!) / sum(more) : left / floor.length)) / sheet.width,
  )
}

/** pdfkit keeps the font it has opened where its types do not say; without it, every letter counts as there. */
function covers(doc: InstanceType<typeof PDFDocument>, letter: string): boolean {
  const { font } =
    (doc as unknown as { _font?: { font?: { hasGlyphForCodePoint?: (code: number) => boolean } } })._font ?? {}
  return font?.hasGlyphForCodePoint?.(letter.codePointAt(0)!) ?? true
}

function qr(doc: InstanceType<typeof PDFDocument>, text: string, { x, y }: { x: number; y: number }): void {
  const { data, size } = encode(text, { ecc: 'M', border: 0 })
  const module = qrPoints / size
  doc.fillColor('black')
  data.forEach((line, row) =>
    line.forEach((black, column) => {
      // A hair larger, so that no viewer shows seams.
      if (black) doc.rect(x + column * module, y + row * module, module + 0.05, module + 0.05)
    }),
  )
  doc.fill()
}

/** On every page, when their number is known. */
function foot(doc: InstanceType<typeof PDFDocument>, sheet: Sheet, what: string): void {
  const { start, count } = doc.bufferedPageRange()
  for (let i = start; i < start + count; i++) {
    doc.switchToPage(i)
    const y = doc.page.height - 42
    const page = `第 ${i + 1} 页 共 ${count} 页`
    const specimen = '样张：由模拟主管部门打印，不具法律效力 Specimen printed by a simulated agency'
    sheet.put(specimen, { x: sheet.left, y, size: 7.5, color: colours.grey })
    const right = sheet.left + sheet.width
    sheet.put(page, { x: right - sheet.widthOf(page, 7.5), y, size: 7.5, color: colours.grey })
    if (i > start) {
      const short = sheet.wrap(what, 7.5, sheet.width)[0]!
      sheet.put(short, { x: right - sheet.widthOf(short, 7.5), y: 26, size: 7.5, color: colours.grey })
    }
  }
}

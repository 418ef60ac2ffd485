// What simulated agencies print: papers that hold long texts over several pages, the same for the same order, and
// nothing loaded before the first.
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import PDFDocument from 'pdfkit'
import { expect, test } from 'vitest'
import { csvOf } from '../../adapters/simulator/print/csv.js'
import { declarationPaper } from '../../adapters/simulator/print/declaration.js'
import { drawPrint, sharesOf } from '../../adapters/simulator/print/draw.js'
import { decidedAndFiled, type PrintOrder } from '../../adapters/simulator/print/order.js'
import { createSheet } from '../../adapters/simulator/print/sheet.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { formOf } from '../support/forms.js'
import { root } from '../support/hub.js'
import { pdfPages, pdfTitle } from '../support/pdf.js'
import { run } from '../support/process.js'

const order: PrintOrder = {
  name: 'licence.pdf',
  title: '两用物项和技术出口许可证',
  subtitle: '两用物项和技术进出口许可证申请',
  number: '26-01-004512',
  state: '准予许可',
  at: '2026-06-01T10:00:00',
  sections: [{ title: '许可证', boxes: [{ label: '最终用户', value: '测试阀门有限公司' }] }],
}

test('a paper bears its title and number, and the same order is drawn as the same bytes', async () => {
  const [one, other] = [await drawPrint(order), await drawPrint(order)]
  expect([pdfTitle(one), pdfPages(one)]).toEqual(['两用物项和技术出口许可证 26-01-004512', 1])
  expect(one.equals(other)).toBe(true)
})

test('texts of pages, words without an end and lists of hundreds of lines go on on the next page', async () => {
  const long = '用于工业冷却回路的阀体密封，不用于军事目的。'.repeat(300)
  const boxes = [
    { label: '用途说明', value: long },
    { label: '网址', value: `https://example.test/${'a'.repeat(2000)}` },
    { label: '空', value: '' },
  ]
  const rows = Array.from({ length: 200 }, (_, i) => [String(i + 1), '阀门 不锈钢', '120 个'])
  const sections = [
    { title: '长文', boxes },
    { title: '商品', columns: ['项号', '商品名称', '数量'], rows },
  ]
  expect(pdfPages(await drawPrint({ ...order, sections }))).toBeGreaterThan(6)
})

/** Each line a paper shows, as it was handed to pdfkit. */
function sheetOfLines(lacks: ReadonlySet<string> = new Set()) {
  const lines: { text: string; page: number; x: number; y: number }[] = []
  let page = 1
  const doc = new PDFDocument({ size: 'A4', margin: 0 })
  const font = join(root, 'dist/fonts/NotoSansSC-Regular.ttf')
  doc.registerFont('sc', font).font('sc')
  doc.on('pageAdded', () => page++)
  const text = doc.text.bind(doc)
  doc.text = ((written: string, x: number, y: number, options: object) => {
    lines.push({ text: written, page, x, y })
    return text(written, x, y, options)
  }) as typeof doc.text
  return { lines, sheet: createSheet(doc, (letter) => !lacks.has(letter)) }
}

test('a row of goods stays on one page; one of more lines than a page has is cut, never to a line or two', () => {
  const { lines, sheet } = sheetOfLines()
  const tall = (n: number, of: number) => Array.from({ length: of }, (_, i) => `${n}.${i}`).join('\n')
  for (let n = 0; n < 40; n++) sheet.row([{ share: 1, text: tall(n, 8) }])
  sheet.row([{ share: 1, text: tall(99, 120) }])
  const pagesOf = (n: number) => {
    const on = lines.filter(({ text }) => text.startsWith(`${n}.`)).map(({ page }) => page)
    return [...new Set(on)].map((page) => on.filter((one) => one === page).length)
  }
  for (let n = 0; n < 40; n++) expect(pagesOf(n), `row ${n}`).toEqual([8])
  expect(pagesOf(99).reduce((sum, one) => sum + one)).toBe(120)
  expect(Math.min(...pagesOf(99))).toBeGreaterThan(2)
})

test('no number of a table is broken over two lines while there is room for it', () => {
  const { sheet } = sheetOfLines()
  const section = {
    title: '商品',
    columns: [
      '项号',
      '商品编号',
      '商品名称及规格型号',
      '单价/总价/币制',
      '原产国/最终目的国',
      '境内目的地（货源地）/征免',
    ],
    rows: [['1', '8471300000', '便携式自动数据处理设备'.repeat(6), '850 85000.00 502', '116 142', '11019 1']],
  }
  const shares = sharesOf(sheet, section)
  expect(shares.reduce((sum, one) => sum + one)).toBeCloseTo(1)
  section.rows[0]!.forEach((text, i) => {
    const words = text.match(/[!-~]+/g) ?? []
    const shown = sheet.wrap(text, 9, shares[i]! * sheet.width - 8)
    for (const word of words)
      expect(
        shown.some((line) => line.includes(word)),
        word,
      ).toBe(true)
  })
})

test('a letter the font lacks is its bare letter or 〓, and what has no picture takes no room', () => {
  const { sheet } = sheetOfLines(new Set(['Ş', 'ı', '삼', '𠮷']))
  expect(sheet.wrap('Şıı삼 𠮷野\u200b家\tA', 9, 500)).toEqual(['Sii〓 〓野家 A'])
})

test('a declaration bears the numbers customs gave it, and what its codes mean', () => {
  const goods = { GNo: '1', CodeTS: '8471300000', GQty: '100', GUnit: '001' }
  const tree = { DecHead: { IEFlag: 'I', EntryId: '', TradeMode: '0110' }, DecLists: { DecList: goods } }
  const answers = [
    { SeqNo: '900000000000000018' },
    { ENTRY_ID: '900020250000000018', CUS_CIQ_NO: '900000000000000018' },
  ]
  const meanings = { 'customs-trade-mode': { '0110': '一般贸易' }, 'customs-unit': { '001': '台' } }
  const { title, sections } = declarationPaper(tree, answers, meanings)
  const [head, lines] = sections
  expect(title).toBe('中华人民共和国海关进口货物报关单')
  expect('boxes' in head! && head.boxes).toEqual([
    { label: '预录入编号（统一编号）', value: '900000000000000018' },
    { label: '海关编号', value: '900020250000000018' },
    { label: '监管方式', value: '(0110) 一般贸易' },
  ])
  expect('rows' in lines! && lines.rows[0]![3]).toBe('100 (001) 台')
})

test('what was granted is headed as the paper it is, not as the application for it, and lists no file names', () => {
  const printed = formIndex().prints.flatMap(({ of }) => of.flatMap((document) => formOf(document)?.form ?? []))
  const headed = printed.map((form) => {
    const stage = form.life.find(({ status, brings }) => /approved|released/.test(status) && brings.length > 0)!
    const result = Object.fromEntries(stage.brings.map(({ name, eg }) => [name, eg ?? '']))
    const document = (tree: Record<string, unknown>) => ({ root: '', namespace: '', tree }) as never
    const filed = Object.fromEntries(form.fields.map(({ name, eg }) => [name, eg ?? '']))
    const { title, sections } = decidedAndFiled(form, document(filed), [
      document({ State: stage.code, Result: result }),
    ])
    const files = sections
      .flatMap((one) => ('boxes' in one ? one.boxes : []))
      .filter(({ value }) => /\.pdf$/.test(value))
    expect(files).toEqual([])
    return [form.document, title]
  })
  expect(headed.filter(([, title]) => /申请/.test(title!))).toEqual([])
  expect(Object.fromEntries(headed)).toMatchObject({
    TunaCatchClearance: '合法捕捞产品通关证明（金枪鱼、剑鱼）',
    ExemptGoodsMortgage: '准予办理减免税货物贷款抵押通知书',
  })
})

test('a table for a spreadsheet opens as UTF-8, and no value of it is a formula', () => {
  const text = csvOf({
    ...order,
    sections: [{ title: '税单', columns: ['税号', '备注'], rows: [['1', '=cmd|x, "y"']] }],
  })
  expect(text.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  expect(text.toString()).toContain(`税号,备注\r\n1,"'=cmd|x, ""y"""`)
})

test('a spreadsheet keeps the digits of a long number of a print', () => {
  const sections = [
    { title: '税单', columns: ['报关单号', '关区', '税额'], rows: [['224820261000110018', '0100', '12.5']] },
  ]
  expect(csvOf({ ...order, sections }).toString()).toContain('\r\n\t224820261000110018,\t0100,12.5\r\n')
})

test('the simulator is at work before anything that draws is loaded', async () => {
  const at = (file: string) => JSON.stringify(pathToFileURL(join(root, 'dist/adapters/simulator', file)).href)
  const script = `
    import module from 'node:module'
    const drawing = () => Object.keys(module._cache).some((file) => /pdfkit/.test(file))
    for (const file of [${['server.js', 'courier.js', 'client/client.js'].map(at).join(', ')}]) await import(file)
    const before = drawing()
    const { printAll } = await import(${at('print/print.js')})
    await printAll([${JSON.stringify(order)}])
    console.log(JSON.stringify([before, drawing()]))`
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect(stdout.trim(), stderr).toBe('[false,true]')
})

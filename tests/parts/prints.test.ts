// What simulated agencies print: papers that hold long texts over several pages, the same for the same order, and
// nothing loaded before the first.
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { csvOf } from '../../adapters/simulator/print/csv.js'
import { drawPrint } from '../../adapters/simulator/print/draw.js'
import type { PrintOrder } from '../../adapters/simulator/print/order.js'
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

test('a table for a spreadsheet opens as UTF-8, and no value of it is a formula', () => {
  const text = csvOf({
    ...order,
    sections: [{ title: '税单', columns: ['税号', '备注'], rows: [['1', '=cmd|x, "y"']] }],
  })
  expect(text.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  expect(text.toString()).toContain(`税号,备注\r\n1,"'=cmd|x, ""y"""`)
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

// The catalogue: complete by the published totals, sound in itself, and every sample a partner could send is exactly
// one operation.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withCoverage } from '../../hub/cli/coverage-table.js'
import { coverage } from '../../routing/coverage.js'
import { resolve } from '../../routing/resolve.js'
import { routing } from '../support/data.js'
import { root } from '../support/hub.js'

const operations = [...routing.operations.values()]

test('it has the published 19 categories, 99 systems, 392 services, 781 functions and 1,156 operations', () => {
  const distinct = (of: (o: (typeof operations)[number]) => { code: string }) =>
    new Set(operations.map((o) => of(o).code)).size
  expect([
    distinct((o) => o.category),
    distinct((o) => o.system),
    distinct((o) => o.service),
    distinct((o) => o.function),
    operations.length,
  ]).toEqual([19, 99, 392, 781, 1156])
})

test('the README shows the coverage as it is', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  expect(readme, 'hub catalogue --coverage --readme puts it right').toBe(withCoverage(readme, coverage(routing)))
})

test('its coverage adds up, and what works has an English name', () => {
  const { total, categories } = coverage(routing)
  expect(total.operations.working + total.operations.planned).toBe(1156)
  expect(categories.reduce((sum, c) => sum + c.operations.working, 0)).toBe(total.operations.working)
  for (const o of operations.filter((x) => x.documents.length > 0)) expect(o.title.en, o.code).toMatch(/^[A-Z][ -~]+$/)
})

test('every agency an operation is owed to is known, and no name is empty', () => {
  for (const o of operations) {
    expect(
      o.agencies.every((a) => routing.agencies.has(a)),
      o.code,
    ).toBe(true)
    expect(o.title.zh.length).toBeGreaterThan(0)
  }
})

test('a licence that is checked jointly (4.29) is asked of the authority that issues it, never of a common one', () => {
  const issuers: Record<string, number[]> = {
    mofcom: [1, 2, 3, 4, 5, 6, 7, 8],
    cites: [9, 10, 11],
    nmpa: [12, 13, 14, 15, 16, 17, 18],
    pbc: [19, 20],
    mee: [21],
    mara: [22, 23, 24, 25, 26],
    nrta: [27],
    nppa: [28, 29],
    miit: [30, 31],
    nhc: [32],
    mnr: [33],
    samr: [34, 35, 36, 37, 38],
  }
  const expected = new Map(
    Object.entries(issuers).flatMap(([agency, services]) =>
      services.map((n): [string, string] => [`4.29.1.${n}.1`, agency]),
    ),
  )
  // One paper of two names: seeds of fields are the ministry of agriculture's, trees and saplings the forestry
  // administration's.
  expected.set('4.29.1.26.2', 'nfga')
  const joint = operations.filter((o) => o.code.startsWith('4.29.'))
  expect(Object.fromEntries(joint.map((o) => [o.code, o.agencies]))).toEqual(
    Object.fromEntries([...expected].map(([code, agency]) => [code, [agency]])),
  )
  for (const o of joint) expect(['gacc', 'npo'], o.code).not.toContain(o.agencies[0])
})

test('content decides: import and export declarations, function codes of a manifest', () => {
  const code = (document: string, facts: Record<string, string>, named?: string, preferred?: string) => {
    const r = resolve(routing, { type: document, facts }, { named, preferred })
    return r.outcome === 'resolved' ? r.operation.code : r.outcome
  }
  expect(code('DecMessage', { ieFlag: 'I', type: '' })).toBe('1.1.2.1.1')
  expect(code('DecMessage', { ieFlag: 'E', type: '' })).toBe('1.1.3.1.1')
  expect(code('DecMessage', { ieFlag: 'I', type: '  5' })).toBe('1.1.1.1.1')
  expect(code('DecMessage', { ieFlag: 'I', type: 'ML' })).toBe('1.1.2.2.1')
  expect(['9', '0', '5', '3'].map((functionCode) => code('MT1101', { functionCode }))).toEqual([
    '2.1.1.1.1',
    '2.1.1.1.2',
    '2.1.1.2.1',
    '2.1.1.2.2',
  ])
  expect(code('CEB603Message', { appType: '2' })).toBe('10.2.3.1.2')
})

test('transit, documents sent later and a returned parcel each have their own operation', () => {
  const code = (document: string, facts: Record<string, string>, named?: string) => {
    const r = resolve(routing, { type: document, facts }, { named })
    return r.outcome === 'resolved' ? r.operation.code : r.outcome
  }
  const transit = { ieFlag: 'I', type: '', declTrnRel: '1', operType: 'D' }
  expect([
    code('DecMessage', transit),
    code('DecMessage', transit, '13.3.1.1.1'),
    code('DecMessage', transit, '1.1.2.1.1'),
  ]).toEqual(['13.3.6.1.1', '13.3.1.1.1', 'mismatch'])
  expect(code('DecMessage', { ieFlag: 'E', type: '', declTrnRel: '1', transFlag: 'AA' })).toBe('1.1.3.5.1')
  expect([
    code('DecMessage', { ieFlag: 'I', type: '', declTrnRel: '0' }),
    code('DecMessage', { ieFlag: 'I', type: '', declTrnRel: '0' }, '1.1.1.3.1'),
  ]).toEqual(['1.1.2.1.1', '1.1.1.3.1'])
  expect([
    code('DecEdocMessage', { businessType: 'LOW', functionCode: '9' }),
    code('DecEdocMessage', { businessType: 'DEC', functionCode: '5' }, '1.1.9.1.2'),
  ]).toEqual(['1.1.5.3.1', '1.1.9.1.2'])
  expect(['CEB711Message', 'CEB213Message', 'CEB215Message'].map((type) => code(type, { appType: '1' }))).toEqual([
    '10.1.6.1.1',
    '10.2.4.1.1',
    '10.2.4.1.2',
  ])
})

test('a named operation must fit the content; a default is used only where the content permits it', () => {
  const declared = { type: 'DecMessage', facts: { ieFlag: 'I', type: '' } }
  expect(resolve(routing, declared, { named: '1.1.9.1.1' })).toMatchObject({
    outcome: 'resolved',
    operation: { code: '1.1.9.1.1' },
  })
  expect(resolve(routing, declared, { named: '1.1.3.1.1' })).toMatchObject({
    outcome: 'mismatch',
    operation: '1.1.3.1.1',
  })
  expect(resolve(routing, declared, { named: '9.9.9.9.9' })).toEqual({
    outcome: 'unknown',
    operation: '9.9.9.9.9',
  })
  const planned = [...routing.operations.values()].find(({ documents }) => documents.length === 0)
  if (planned)
    expect(resolve(routing, declared, { named: planned.code })).toEqual({
      outcome: 'planned',
      operation: planned.code,
    })
  expect(resolve(routing, declared, { preferred: '1.1.9.1.1' })).toMatchObject({
    outcome: 'resolved',
    operation: { code: '1.1.9.1.1' },
  })
  expect(resolve(routing, declared, { preferred: '1.1.3.1.1' })).toMatchObject({
    outcome: 'resolved',
    operation: { code: '1.1.2.1.1' },
  })
})

test('a service was added as data alone: no source file speaks of it', () => {
  const sources = ['messages', 'xsd', 'routing', 'store', 'queues', 'adapters', 'hub', 'monitoring'].flatMap((dir) =>
    readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.ts'))
      .map((f) => join(root, dir, f)),
  )
  for (const file of sources) expect(readFileSync(file, 'utf8'), file).not.toMatch(/ImportAgr|ACD00\d/)
})

// What simulated agencies tell of a filing beside what was filed: in each query a story that fits it and itself.
import { describe, expect, test } from 'vitest'
import { scaledTo, withExamples } from '../../adapters/simulator/query-examples.js'
import type { Filing, Row } from '../../messages/queries/filing.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { formOf } from '../support/forms.js'

const shapes = formIndex()
  .families.filter(({ family }) => family.startsWith('queries-'))
  .flatMap(({ documents }) => documents.map(({ id }) => formOf(id)!.query!.shape))
const ofFilings = shapes.filter(({ reference, statistics }) => !reference && !statistics)

const filed = (state: string): Filing => ({
  ...{ operation: '1.1.1.1.1', document: 'DecMessage', reference: 'R-1', answers: [] },
  ...{ submittedAt: '2026-11-30T09:00:00', state },
})
const row: Row = { source: 'agency', asOf: '2026-11-30T18:00:00', values: {} }
const toldOf = (shape: (typeof shapes)[number], state: string) =>
  Object.entries(withExamples(shape, row, filed(state)).values).map(([name, [value]]) => [name, value!.text] as const)

describe('of a filing of today', () => {
  test('no query tells as done what is still to come', () => {
    const wrong = ofFilings.flatMap((shape) =>
      toldOf(shape, 'released')
        .filter(([name, text]) => /^\d{4}-\d\d-\d\dT/.test(text) || /On$/.test(name))
        .filter(([, text]) => text > row.asOf)
        .map(([name, text]) => `${shape.query} ${name}: ${text}`),
    )
    expect(wrong).toEqual([])
    expect(ofFilings.length).toBeGreaterThan(200)
  })

  test('it is released when its receipt says so, at whatever hour it is asked', () => {
    const shape = shapes.find(({ query }) => query === 'DeclarationQuery')!
    const releasedAt = (asOf: string) =>
      withExamples(shape, { ...row, asOf }, { ...filed('released'), answeredAt: '2026-11-30T09:00:01' }).values
        .ReleasedAt
    expect(releasedAt('2026-11-30T18:00:00')).toEqual([{ text: '2026-11-30T09:00:01' }])
    expect(releasedAt('2026-12-02T08:00:00')).toEqual(releasedAt('2026-11-30T18:00:00'))
  })

  test('a fee that is not paid has no day of payment', () => {
    const shape = shapes.find(({ query }) => query === 'LateDeclarationFeeQuery')!
    const unpaid = { ...row, values: { FeeState: [{ text: '0' }] } }
    const told = (of: Row) => Object.keys(withExamples(shape, of, filed('released')).values)
    expect(told(unpaid)).not.toContain('PaidOn')
    expect(told(row)).toContain('PaidOn')
  })

  test('a decision is not told of one that was turned down, nor a reason for it of one that was granted', () => {
    const told = (query: string, state: string) =>
      toldOf(
        shapes.find((one) => one.query === query)!,
        state,
      ).map(([name]) => name)
    expect(told('DeclarationQuery', 'rejected')).not.toContain('ReleasedAt')
    expect(told('DeclarationQuery', 'released')).toContain('ReleasedAt')
    const sampling = (state: string) => told('DrugSamplingRecordQuery', state).includes('NotSampledReason')
    expect([sampling('approved'), sampling('rejected')]).toEqual([false, true])
    const wrong = ofFilings.flatMap((shape) =>
      shape.columns
        .filter(({ name }) => /^(ErrorText|ErrorRow|RefusalReason|NotSampledReason|FailedItems)$/.test(name))
        .filter(({ name, paths, common }) => !paths && !common && told(shape.query, 'approved').includes(name))
        // A record of errors is of errors alone.
        .filter(() => shape.query !== 'DeclarationErrorQuery')
        .map(({ name }) => `${shape.query} ${name}`),
    )
    expect(wrong).toEqual([])
  })
})

test('of one document, statistics count no two that were inspected, returned or late', () => {
  const wrong = shapes.flatMap((shape) => {
    const counted = shape.statistics?.measures.find(({ count }) => count === true)
    if (!counted) return []
    const { values } = scaledTo(shape, { ...row, values: { [counted.name]: [{ text: '1' }] } })
    return shape
      .statistics!.measures.map(({ name }) => [name, Number(values[name]![0]!.text)] as const)
      .filter(
        ([name, number]) =>
          /^(Inspected|Returned|Overdue|Cancelled|Passed|Refused|Unreported)/.test(name) && number > 1,
      )
      .map(([name, number]) => `${shape.query} ${name}: ${number}`)
  })
  expect(wrong).toEqual([])
  const workload = shapes.find(({ query }) => query === 'OriginClerkWorkloadStatistics')!
  const entered = scaledTo(workload, { ...row, values: { EnteredCount: [{ text: '1' }] } }).values
  expect(entered.DeclaredCount).toEqual([{ text: '1' }])
  const one = shapes.find(({ query }) => query === 'DeclarationStatistics')!
  expect(scaledTo(one, { ...row, values: { Count: [{ text: '1' }] } }).values.HoursToRelease).toEqual([
    { text: '1.72' },
  ])
})

test('the result of a request to print lists requests, not every declaration', () => {
  expect(shapes.find(({ query }) => query === 'DeclarationPrintResultQuery')!.of).toEqual(['DeclarationPrint'])
})

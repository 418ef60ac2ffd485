// The guide for agencies names every rule there is with the default it really has, and no other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { EdifactTaking } from '../../messages/edifact/target.js'
import { AgencyPolicy, Breaker, policyOf, Window, windowFaults } from '../../hub/agencies/policy.js'
import { readAgencies } from '../../hub/agencies/settings.js'
import type { ValueFault } from '../../messages/value-fault.js'
import { root } from '../support/hub.js'

const guide = readFileSync(join(root, 'docs/agency-guide.md'), 'utf8')
const section = (title: string) => guide.split(/^##+ /m).find((part) => part.startsWith(title))!
/** Key → default, as the first table of a section has them. */
const rows = (title: string) =>
  new Map([...section(title).matchAll(/^\| `(\w+)`(?:, `\w+`)* \| (.*?) \|/gm)].map(([, key, value]) => [key!, value!]))
const inYaml = (value: string) => /^`(.*)`$/.exec(value)?.[1]

test.each([
  ['The rules', AgencyPolicy.properties, policyOf() as Record<string, unknown>],
  ['breaker', Breaker.properties, policyOf().breaker as Record<string, unknown>],
])('"%s" names every rule with its default', (title, properties, real) => {
  const told = rows(title)
  expect([...told.keys()].sort()).toEqual(Object.keys(properties).sort())
  for (const [key, value] of told) {
    const text = inYaml(value)
    if (text === undefined) expect(['none', 'on'], `${key}: ${value}`).toContain(value)
    else expect(real[key], key).toEqual(parse(text))
  }
})

test('a window’s words are all told, and the example is one the hub takes', () => {
  const told = [...section('windows').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, keys]) =>
    [...keys!.matchAll(/`(\w+)`/g)].map((m) => m[1]!),
  )
  expect(told.sort()).toEqual(Object.keys(Window.properties).sort())
  const { agencies } = parse(/```yaml\n([^]*?)```/.exec(guide)![1]!) as {
    agencies: Record<string, { windows?: Parameters<typeof windowFaults>[0] }>
  }
  const faults: ValueFault[] = []
  expect(Object.keys(readAgencies(agencies, faults))).toEqual(['default', 'gacc'])
  expect(faults).toEqual([])
})

test('every word of the setting for EDIFACT is told, and the example is one the hub takes', () => {
  const told = [...section('edifact').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, keys]) =>
    [...keys!.matchAll(/`(\w+)`/g)].map((m) => m[1]!),
  )
  expect(told.sort()).toEqual(Object.keys(EdifactTaking.properties).sort())
  const { agencies } = parse(/```yaml\n([^]*?)```/.exec(section('edifact'))![1]!) as { agencies: object }
  const faults: ValueFault[] = []
  expect(Object.keys(readAgencies(agencies, faults))).toEqual(['gacc'])
  expect(faults).toEqual([])
})

// docs/configuration.md and the schemas that check the settings say the same: the tables are printed, and every setting
// is described.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TSchema } from 'typebox'
import { describe, expect, test } from 'vitest'
import { connectorKinds } from '../../adapters/connectors/kinds.js'
import { Callback } from '../../hub/agencies/settings.js'
import { Config } from '../../hub/config/config.js'
import { printSettings } from '../../hub/config/settings-page.js'
import { PartnerSettings } from '../../messages/partner.js'
import { root } from '../support/hub.js'

const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8')

test('the tables of the page are as the settings are: `npm run docs` puts them right', () => {
  expect(printSettings(page)).toBe(page)
})

test('a connector without a place of its own on the page stands among the others, with its heading', () => {
  const short =
    '<!-- printed: connector http -->\n<!-- end of printed -->\n<!-- printed: other connectors -->\n<!-- end ' +
    'of printed -->\n'
  const [, others] = printSettings(short).split('<!-- printed: other connectors -->')
  for (const { kind } of connectorKinds) expect(others!.includes(`### \`connector: ${kind}\``)).toBe(kind !== 'http')
  expect(() => printSettings(short.replace('http', 'no-such-kind'))).toThrow(
    'no settings are called connector no-such-kind',
  )
})

test('every setting is described in English and in Chinese', () => {
  const schemas: [string, TSchema][] = [
    ['hub.yaml', Config],
    ['callback', Callback],
    ['partner', PartnerSettings],
    ...connectorKinds.map(({ kind, Settings }): [string, TSchema] => [kind, Settings]),
  ]
  expect(schemas.flatMap(([name, schema]) => undescribed(schema as Node, name))).toEqual([])
})

interface Node {
  description?: string
  zh?: string
  properties?: Record<string, Node>
}

/** Settings that have no words of their own; of a table without, those in it. */
function undescribed({ properties = {} }: Node, at: string): string[] {
  return Object.entries(properties).flatMap(([key, node]) => {
    const name = `${at}.${key}`
    if (node.description === undefined && node.properties) return undescribed(node, name)
    return /\w/.test(node.description ?? '') && /[一-鿿]/.test(node.zh ?? '') ? [] : [name]
  })
}

describe('every kind of connector', () => {
  test.each(connectorKinds.map(({ kind }) => kind))('%s passes the contract suite', (kind) => {
    const file = join(root, `tests/contracts/connector-${kind}.test.ts`)
    expect(existsSync(file), file).toBe(true)
    expect(readFileSync(file, 'utf8')).toContain(`connectorContract('${kind}'`)
  })
})

// labels — what the elements of published documents are called in Chinese, and what the codes in them mean: taken from
// their schemas and code lists by the build, for prints of such documents.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Element → 中文, a table a family. */
export type Labels = Record<string, Record<string, string>>

/** Code → 中文, a table a list of xsd/codes. */
export type Meanings = Record<string, Record<string, string>>

const labelled =
  /<xs:element\s[^>]*?name="([\w.-]+)"[^>]*>\s*<xs:annotation>\s*<xs:documentation xml:lang="zh">([^<]*)</g
const longestLabel = 24

/** @param dir the packs, xsd/families */
function readLabels(dir: string): Labels {
  const labels: Labels = {}
  for (const family of readdirSync(dir).sort()) {
    const schemas = join(dir, family, 'schemas')
    if (!existsSync(schemas)) continue
    const own: Record<string, string> = {}
    for (const file of readdirSync(schemas, { recursive: true }) as string[])
      if (file.endsWith('.xsd'))
        for (const [, name, zh] of readFileSync(join(schemas, file), 'utf8').matchAll(labelled))
          own[name!] ??= short(zh!)
    if (Object.keys(own).length > 0) labels[family] = own
  }
  return labels
}

/** A step of the build: the code lists of what is printed. @param dir xsd/codes */
export function copyMeanings(dir: string, copy: string): void {
  const meanings: Meanings = {}
  for (const file of readdirSync(dir).filter((name) => /^(customs-.*|package-kind)\.tsv$/.test(name)))
    meanings[file.slice(0, -'.tsv'.length)] = Object.fromEntries(
      readFileSync(join(dir, file), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t').slice(0, 2) as [string, string]),
    )
  writeFileSync(copy, JSON.stringify(meanings))
}

/** A step of the build. */
export const copyLabels = (dir: string, copy: string): void => writeFileSync(copy, JSON.stringify(readLabels(dir)))

/** Codes and remarks behind the name are for who fills it in; a bracket in the midst of a name belongs to it. */
const short = (zh: string) =>
  zh
    .replace(/[（(]([^（()）]*)[）)](?=\p{Script=Han})/gu, '$1')
    .split(/[：:（(，,；;。]|(?<=\p{Script=Han})\s/u)[0]!
    .slice(0, longestLabel)

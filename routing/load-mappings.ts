// load-mappings — reads the mappings (mappings/ of each pack) and looks each over, so that one that makes no sense
// stops the start and not a message.
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Value } from 'typebox/value'
import type { DocumentFamily } from '../messages/document-type.js'
import { Mapping, MappingFile, type MapLine } from '../messages/mapping/mapping.js'
import { sourcePath } from '../messages/mapping/source-path.js'
import { dotted, settingText } from '../messages/setting-text.js'
import { valueFaults } from '../messages/value-fault.js'
import type { YamlFiles } from './yaml-files.js'

/** How the files are read. */
interface MappingsReading {
  files: YamlFiles
  /** Takes what is wrong with them. */
  faults: string[]
  /** Documents that may be there and were not read: what names one is not looked over. */
  unread: (document: string) => boolean
}

/**
 * By the names of the files, whatever pack they stand in, and within a file as they stand: the first that fits a
 * message is taken.
 */
export function loadMappings(
  familiesDir: string,
  documents: readonly DocumentFamily[],
  { files, faults, unread }: MappingsReading,
): Mapping[] {
  const types = new Map(documents.flatMap((family) => family.documents).map((type) => [type.id, type]))
  return mappingFiles(familiesDir).flatMap((file) => {
    try {
      const { value, sound } = files.readAs(Mapping, file)
      return (Value.Check(MappingFile, value) ? value.mappings : [value]).flatMap((one) => {
        const mapping = oneList(one)
        if (!sound && !Value.Check(Mapping, mapping)) {
          faults.push(...valueFaults(Mapping, mapping).map((one) => `${file}: ${settingText(dotted(one.at), one)}`))
          return []
        }
        const ready = mapping as Mapping
        const known = [ready.from.document, ready.to.document].every((id) => types.has(id) || !unread(id))
        if (known) faults.push(...wrongIn(ready, types).map((fault) => `${file}: ${ready.mapping} ${fault}`))
        return [ready]
      })
    } catch (error) {
      faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
}

function mappingFiles(familiesDir: string): string[] {
  return readdirSync(familiesDir)
    .map((family) => join(familiesDir, family, 'mappings'))
    .filter((dir) => existsSync(dir))
    .flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)))
    .filter((file) => file.endsWith('.yaml'))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
}

/** Lists in lists are one list: lines that mappings share stand in the file once. */
function oneList(value: unknown): unknown {
  if (Array.isArray(value))
    return value.flatMap((one) => (Array.isArray(one) ? (oneList(one) as unknown[]) : [oneList(one)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, oneList(one)]))
}

function wrongIn(
  { from, to, codes = {}, only = {}, write }: Mapping,
  types: Map<string, DocumentFamily['documents'][number]>,
): string[] {
  const faults: string[] = []
  const source = types.get(from.document)
  if (!source) faults.push(`is made of the unknown document ${from.document}`)
  else
    for (const fact of Object.keys(from.when ?? {}))
      if (!(fact in source.facts)) faults.push(`asks for ${fact}, which ${from.document} does not give`)
  const target = types.get(to.document)
  if (!target) faults.push(`makes the unknown document ${to.document}`)
  else if (target.root !== to.root || ![target.namespace, ...(target.alsoIn ?? [])].includes(to.namespace))
    faults.push(`makes ${to.document} with a root that is not its own`)
  const paths = Object.keys(only)
  const look = (lines: readonly MapLine[]): void => {
    for (const line of lines) {
      if (to.release !== undefined && line.all !== undefined)
        faults.push(`writes all of ${line.all} into one value: an EDIFACT message needs each`)
      if (line.codes !== undefined && !codes[line.codes])
        faults.push(`asks for the codes ${line.codes}, which are not there`)
      for (const part of line.join ?? []) if (!part.startsWith('=')) paths.push(part.split('|')[0]!)
      for (const path of [
        line.from,
        line.date,
        line.gather,
        line.all,
        line.least,
        line.most,
        line.sum,
        line.count,
        line.dtm,
        line.each,
        line.tied,
        Object.keys(line.when ?? {}),
      ].flat())
        if (path !== undefined && path !== '.') paths.push(path)
      if (line.part !== undefined) faults.push(...notRegular(line.part))
      look(line.write ?? [])
    }
  }
  look(write)
  for (const path of paths) {
    try {
      sourcePath(path)
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
    }
  }
  return faults
}

function notRegular(part: string): string[] {
  try {
    new RegExp(part.slice(1, -1), 's')
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

// zip — a zip of many files for tests, made at once.
import { deflateRawSync } from 'node:zlib'
import { zipOfPacked } from '../../adapters/zip.js'

export const zipOf = (files: readonly (readonly [name: string, content: string | Buffer])[]): Buffer =>
  zipOfPacked(
    files.map(([name, content]) => {
      const bytes = Buffer.from(content)
      return { name, bytes, packed: deflateRawSync(bytes) }
    }),
  )

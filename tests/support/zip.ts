// zip — a zip of many files for tests, made at once.
import { zip } from '../../adapters/connectors/files/zip.js'

export const zipOf = (files: readonly (readonly [name: string, content: string | Buffer])[]): Buffer =>
  zip(files.map(([name, content]) => ({ name, bytes: Buffer.from(content) })))

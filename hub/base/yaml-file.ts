// yaml-file — a YAML file that remembers the line of each value, so that a fault can name it.
import { readFileSync } from 'node:fs'
import { readYamlText, unreadYaml, type YamlText } from '../../messages/yaml-text.js'

/** An unreadable file is a fault, never an error. */
export function readYamlFile(file: string): YamlText {
  try {
    return readYamlText(file, readFileSync(file, 'utf8'))
  } catch (error) {
    return unreadYaml(`${file}: cannot be read (${(error as Error).message}) 无法读取`)
  }
}

// setting-words — settings that mean the same with every connector. Secrets are named by environment variable, never
// written into the file.
import { Type } from 'typebox'

/** The name of an environment variable. */
export const variable = (of: string, zh: string) =>
  Type.String({ minLength: 1, description: `Environment variable with ${of}`, zh: `环境变量名：${zh}` })

/** The path of a file on the hub's machine. */
export const fileName = (of: string, zh: string) =>
  Type.String({ minLength: 1, description: `File with ${of}`, zh: `文件：${zh}` })

/** A directory on the other side's machine. */
export const directory = (description: string, zh: string) => Type.String({ minLength: 1, description, zh })

// xerces — Xerces as a function. With a JDK one JVM stays open for all checks; with a Java runtime only, the package
// xsd-schema-validator starts one for each, so a bounded number is asked; without Java nothing is, and the run says how
// much that was.
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { begin, run } from '../../support/process.js'

export interface Verdict {
  valid: boolean
  /** What is wrong first, in the engine's words. */
  detail: string
}

export interface Xerces {
  how: string
  /** Checks it is worth asking for. */
  most: number
  /** @param schema path of the XSD @param message empty: only compile the schema */
  check(schema: string, message: Uint8Array): Promise<Verdict>
  close(): void
}

const source = fileURLToPath(new URL('./Xerces.java', import.meta.url))

export async function openXerces(): Promise<Xerces | undefined> {
  const java = await run('java', ['-version']).catch(() => undefined)
  if (java?.code !== 0) return undefined
  const compiler = await run('java', ['--list-modules']).catch(() => undefined)
  return compiler?.stdout.includes('jdk.compiler') ? oneJvm() : aJvmEach()
}

function oneJvm(): Xerces {
  const child = begin('java', ['-Xmx512m', '-XX:+UseSerialGC', '-Dfile.encoding=UTF-8', source])
  const waiting: { resolve: (verdict: Verdict) => void; reject: (error: Error) => void }[] = []
  let errors = ''
  child.stderr!.on('data', (chunk) => (errors += String(chunk)))
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const [said, detail = ''] = line.split('\t')
    waiting.shift()?.resolve({ valid: said === 'ok', detail })
  })
  child.on('close', () => waiting.splice(0).forEach(({ reject }) => reject(new Error(`the JVM ended: ${errors}`))))
  return {
    how: 'one JVM',
    most: Infinity,
    check: (schema, message) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin!.write(`${schema}\t${Buffer.from(message).toString('base64')}\n`)
      }),
    close: () => child.stdin!.end(),
  }
}

function aJvmEach(): Xerces {
  return {
    how: 'a JVM a check (no JDK here)',
    most: 200,
    async check(schema, message) {
      const { default: validator } = (await import('xsd-schema-validator')) as unknown as {
        default: { validateXML(xml: Buffer | string, schema: string, options: { insecure: boolean }): Promise<unknown> }
      }
      try {
        await validator.validateXML(message.length === 0 ? '<none/>' : Buffer.from(message), schema, { insecure: true })
        return { valid: true, detail: '' }
      } catch (error) {
        const detail = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error)
        return { valid: message.length === 0 && !/FATAL_ERROR/.test(detail), detail }
      }
    },
    close: () => {},
  }
}

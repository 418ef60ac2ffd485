// floor: parse and validate the sample with a compiled schema, nothing else.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm'
import { freshSample } from '../support/sample.mjs'

const file = process.argv[2]
const seconds = Number(process.argv[3])
const dir = dirname(file)
const provider = new XmlBufferInputProvider({})
const add = (path) => {
  const bytes = readFileSync(path)
  provider.addBuffer(path, bytes)
  for (const [, location] of bytes.toString().matchAll(/schemaLocation="([^"]+)"/g))
    add(fileURLToPath(new URL(location, `file://${path}`)))
}
add(file)
xmlRegisterInputProvider(provider)
const schema = XmlDocument.fromBuffer(readFileSync(file), { url: file })
const validator = XsdValidator.fromDoc(schema)
void dir

const bodies = Array.from({ length: 64 }, freshSample)
const one = (bytes) => {
  const doc = XmlDocument.fromBuffer(bytes)
  validator.validate(doc)
  doc.dispose()
}
for (let i = 0; i < 50; i++) one(bodies[i % 64])
const before = process.cpuUsage()
const until = performance.now() + seconds * 1000
let count = 0
while (performance.now() < until) one(bodies[count++ % 64])
const cpu = process.cpuUsage(before)
process.stdout.write(`${JSON.stringify({ count, cpuMs: (cpu.user + cpu.system) / 1000 / count })}\n`)

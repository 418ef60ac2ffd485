// secret-input — what is secret is asked for and not shown while it is typed; of a pipe, its lines.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CliError } from './client.js'

/** Of a terminal it asks without showing what is typed; of a pipe it takes a line each time. */
export function createSecretInput({ input = process.stdin, prompts = process.stderr } = {}) {
  const typed = input.isTTY
  // What is typed is echoed to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input, output: nowhere, terminal: typed })
  const lines = reader[Symbol.asyncIterator]()
  return {
    /** A person types, so that a slip is likely. */
    typed,
    /** @throws CliError where nothing more comes */
    async ask(question: string): Promise<string> {
      if (typed) prompts.write(question)
      const line = await lines.next()
      if (typed) prompts.write('\n')
      if (line.done) throw new CliError(`nothing was typed for: ${question.trim()} 没有输入`)
      return line.value
    },
    close: () => reader.close(),
  }
}

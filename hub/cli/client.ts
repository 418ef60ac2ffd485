// client — how the command line talks to a hub: address and keys from the environment, else from data/demo.env.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Client {
  url: string
  /** @throws CliError with the hub's own code, text and remedy when the answer is a problem. */
  call(path: string, init?: RequestInit & { ops?: boolean; accept?: number[] }): Promise<Response>
}

/** Something the user can mend: shown as one message without a stack, exit code 1. */
export class CliError extends Error {
  override name = 'CliError'
}

/** Settings from the environment; those missing come from `<HUB_DATA>/demo.env`, which `npm start` writes. */
export function clientSettings(env: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const file = join(env.HUB_DATA ?? 'data', 'demo.env')
  const demo: Record<string, string> = {}
  if (existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const found = /^(?:export )?([A-Z_]+)='?([^']*)'?$/.exec(line)
      if (found) demo[found[1]!] = found[2]!
    }
  return { ...demo, ...env }
}

export function createClient(settings = clientSettings()): Client {
  const url = (settings.HUB_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')
  return {
    url,
    async call(path, { ops = false, accept = [], ...init } = {}) {
      const key = ops ? settings.HUB_OPS_KEY : settings.HUB_KEY
      if (!key)
        throw new CliError(
          `No key. Set ${ops ? 'HUB_OPS_KEY' : 'HUB_KEY'} (and HUB_URL), or run this where \`npm start\` wrote data/demo.env.`,
        )
      let response: Response
      try {
        response = await fetch(url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } })
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
        throw new CliError(
          `No hub answers at ${url} (${cause}). Is it running? Start it with \`npm start\`, or set HUB_URL.`,
        )
      }
      if (response.ok || accept.includes(response.status)) return response
      throw new CliError(await problemText(response))
    },
  }
}

async function problemText(response: Response): Promise<string> {
  const body = await response.text()
  try {
    const problem = JSON.parse(body) as {
      code?: string
      text?: { zh: string; en: string }
      remedy?: { zh: string; en: string }
    }
    if (problem.code)
      return `${problem.code} (${response.status}): ${problem.text?.en} ${problem.text?.zh}\n  → ${problem.remedy?.en} ${problem.remedy?.zh}`
  } catch {
    // Not a problem document: shown as it is.
  }
  return `The hub answered ${response.status}: ${body.slice(0, 500)}`
}

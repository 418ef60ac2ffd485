// client — how the command line talks to a hub: address and keys from the environment, else from data/demo.env.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { Check, Errors } from 'typebox/value'
import { ActWaits, Problem } from '../../messages/views/index.js'

/** Calls to one hub. */
export interface Client {
  url: string
  /** @throws CliError with the hub's own code, text and remedy when the answer is a problem. */
  call(path: string, init?: CallInit): Promise<Response>
  /** GET; the answer is what its view says. @throws CliError as `call` and `answerAs` do */
  read<T extends TSchema>(view: T, path: string, init?: CallInit): Promise<Static<T>>
  /** POST with a JSON body and the operator's key. @throws CliError as `call` does */
  post(path: string, body: object, init?: Pick<CallInit, 'accept'>): Promise<Response>
  /** An operator's act: `post`, and the answer is what its view says. @throws CliError as `call` and `answerAs` do */
  act<T extends TSchema>(view: T, path: string, body: object): Promise<Static<T>>
}

/** `ops`: with the operator's key. `accept`: error statuses that are answers too. */
type CallInit = RequestInit & { ops?: boolean; accept?: number[] }

/**
 * The JSON of an answer, as its view says it is. It may hold more: a newer hub has more to say.
 * @throws CliError when it is something else: a hub of another version, or no hub
 */
export async function answerAs<T extends TSchema>(view: T, response: Response): Promise<Static<T>> {
  return textAs(view, await response.text(), response.url)
}

/** JSON as its view says it is. @param from who has said it @throws CliError as `answerAs` does */
export function textAs<T extends TSchema>(view: T, text: string, from: string): Static<T> {
  const value = parsed(text)
  if (Check(view, value)) return value
  const [fault] = Errors(view, value)
  throw new CliError(
    `This command does not know the answer of ${from} ` +
      `(${value === undefined || !fault ? 'no JSON' : `${fault.instancePath || '/'} ${fault.message}`}): ` +
      `${text.slice(0, 200)}\n` +
      '  → Check HUB_URL, and use the `hub` command of the hub’s own version. 应答格式不符，请核对 HUB_URL 和命令版本。',
  )
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Something the user can fix: shown as one message without a stack, exit code 1. */
export class CliError extends Error {
  override name = 'CliError'
}

/** Why a file that was named cannot be read, without the system's own names for it. */
export function cannotRead(file: string, error: unknown): CliError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'you may not read it' }
  return new CliError(`cannot read ${file}: ${why[code as keyof typeof why] ?? message}`)
}

/**
 * Settings from the environment; those missing come from `<HUB_DATA>/demo.env`, which `npm start` writes, and the port
 * from hub.yaml beside it.
 */
export function clientSettings(env: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const file = join(env.HUB_DATA ?? 'data', 'demo.env')
  const demo: Record<string, string> = {}
  if (existsSync(file))
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const found = /^(?:export )?([A-Z_]+)='?([^']*)'?$/.exec(line)
      if (found) demo[found[1]!] = found[2]!
    }
  const yaml = env.HUB_CONFIG ?? join(env.HUB_DATA ?? 'data', 'hub.yaml')
  const port =
    env.HUB_HTTP_PORT ?? (existsSync(yaml) ? /^httpPort:\s*(\d+)/m.exec(readFileSync(yaml, 'utf8'))?.[1] : undefined)
  return { ...(port === undefined ? {} : { HUB_URL: `http://127.0.0.1:${port}` }), ...demo, ...env }
}

/** Asks nothing yet. @throws CliError at the first call, where its key is not set */
export function createClient(settings = clientSettings()): Client {
  const url = (settings.HUB_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '')

  async function call(path: string, { ops = false, accept = [], ...init }: CallInit = {}): Promise<Response> {
    const variable = ops ? 'HUB_OPS_KEY' : 'HUB_KEY'
    const key = settings[variable]
    if (!key)
      throw new CliError(
        `No key. Set ${variable} and HUB_URL: \`source <data>/demo.env\` does it where \`npm start\` made <data>. ` +
          `未设置 ${variable}。`,
      )
    let response: Response
    try {
      response = await fetch(url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } })
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
      if (/certificate has expired/i.test(cause))
        throw new CliError(
          `The certificate of ${url} has expired. Put a renewed one where \`tls\` of hub.yaml names it (or into the ` +
            'load balancer); the hub needs no restart. 服务器证书已过期，请更新证书。',
        )
      if (/certificate|altnames/i.test(cause))
        throw new CliError(
          `The certificate of ${url} is not one this machine trusts (${cause}). Set NODE_EXTRA_CA_CERTS to the ` +
            'file of its authority, and HUB_URL to a name the certificate has. ' +
            '服务器证书不受信任，请用 NODE_EXTRA_CA_CERTS 指定其 CA 证书。',
        )
      throw new CliError(
        `No hub answers at ${url} (${cause}). Is it running? Start it with \`hub start\` (\`npm start\`: the demo), ` +
          'or set HUB_URL. 无法连接报文交换中心。',
      )
    }
    if (ops && response.status === 202) await refuseWaiting(response)
    if (response.ok || accept.includes(response.status)) return response
    if (response.status === 401)
      throw new CliError(
        ops
          ? `The hub at ${url} does not know this operator key. Set HUB_OPS_KEY to a key it was started with. ` +
              '运维密钥 HUB_OPS_KEY 无效。'
          : `The hub at ${url} does not know this key. Set HUB_KEY to a key of the partner. 企业密钥 HUB_KEY 无效。`,
      )
    throw new CliError(await problemText(response))
  }

  const post = (path: string, body: object, init?: Pick<CallInit, 'accept'>) =>
    call(path, {
      ...init,
      ops: true,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  return {
    url,
    call,
    read: async (view, path, init) => answerAs(view, await call(path, init)),
    post,
    act: async (view, path, body) => answerAs(view, await post(path, body)),
  }
}

/** An act that waits for a second person is not done. @throws CliError */
async function refuseWaiting(response: Response): Promise<void> {
  const answer = parsed(await response.clone().text())
  if (!Check(ActWaits, answer)) return
  const { id, until } = answer.approval
  throw new CliError(
    `Not done yet: ${id} waits for a second person until ${inBeijing(until)}. 尚未执行：等待第二人复核。\n` +
      `  → Another person: \`hub approvals approve ${id}\``,
  )
}

async function problemText(response: Response): Promise<string> {
  const text = await response.text()
  const problem = parsed(text)
  if (!Check(Problem, problem)) return `The hub answered ${response.status}: ${text.slice(0, 500)}`
  return `${problem.code} (${response.status}): ${sentences(problem)}`
}

/** What is wrong and what to do, in both languages. */
export const sentences = ({ text, remedy }: Pick<Problem, 'text' | 'remedy'>): string =>
  `${text.en} ${text.zh}\n  → ${remedy.en} ${remedy.zh}`

const inBeijing = (iso: string) => `${new Date(iso).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' })} UTC+8`

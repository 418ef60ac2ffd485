// errors — every error the hub can say, put together: class and status (errors/codes.ts) and its sentences in two
// languages (errors/zh.ts, errors/en.ts). docs/errors.md says the same; tests/parts/errors.test.ts holds them together.
import { codes, type ErrorClass, type ErrorCode } from './errors/codes.js'
import { en } from './errors/en.js'
import { entriesOf } from './errors/entries.js'
import { thingInChinese } from './errors/thing-names.js'
import { zh } from './errors/zh.js'
import { fill, type Bilingual } from './text.js'
import type { Fault } from './fault.js'

export type { ErrorClass, ErrorCode } from './errors/codes.js'

/** Every code; docs/errors.md lists them. */
export const errorCodes = entriesOf(codes, { zh, en })

/** The text of a code with its places filled. */
export function errorText(code: ErrorCode, values: Record<string, string | number | undefined> = {}): Bilingual {
  return fill(errorCodes[code].text, values)
}

/** A fault of a message from its code: text filled from `values`, place from `at`. */
export function fault(
  code: ErrorCode,
  values: Record<string, string | number | undefined> = {},
  at: Omit<Fault, 'code' | 'text'> = {},
): Fault {
  return { code, ...at, text: errorText(code, values) }
}

/** `what` names a thing by an English noun and its number. */
const inChinese = (values: Record<string, string | number | undefined>) =>
  typeof values.what === 'string' ? { ...values, whatZh: thingInChinese(values.what) } : values

/** A broken hub or a call that cannot be served. An invalid message is never one of these: it is a result. */
export class HubError extends Error {
  override name = 'HubError'
  /** What it means for whoever meets it; retry asks it. */
  readonly class: ErrorClass
  /** HTTP status of a call that ends with it. */
  readonly status: number
  /** The sentence in two languages, with its values filled in. */
  readonly text: Bilingual
  /** What to do about it, in two languages. */
  readonly remedy: Bilingual
  constructor(
    readonly code: ErrorCode,
    readonly values: Record<string, string | number | undefined> = {},
    /** `status`: the HTTP status where it is not the usual one of the code. */
    options?: { cause?: unknown; retryAfterSeconds?: number; status?: number },
  ) {
    const text = errorText(code, inChinese(values))
    super(`${code}: ${text.en}`, options?.cause === undefined ? undefined : { cause: options.cause })
    this.class = errorCodes[code].class
    this.status = options?.status ?? errorCodes[code].status
    this.text = text
    this.remedy = fill(errorCodes[code].remedy, values)
    this.retryAfterSeconds = options?.retryAfterSeconds
  }
  /** Seconds for `Retry-After`; undefined where no time is known. */
  readonly retryAfterSeconds: number | undefined
}

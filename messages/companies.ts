// companies — in whose name a message is filed, and may this partner file in it? Which path of a document holds a
// company's code is data of its family (`companies` in its family.yaml); which codes are a partner's is a setting of
// the partner.
import { Type, type Static } from 'typebox'

const Code = Type.String({ pattern: '^\\S{4,64}$', description: 'A customs code, a credit code or a sender id' })
const Principal = Type.String({ pattern: '^(\\*|\\S{4,64})$', description: 'The code of a company, or * for any' })

/** The setting of a partner. Absent: nobody looks (partners from before there was one). */
export const CompaniesSetting = Type.Object(
  {
    mode: Type.Enum(['require', 'warn', 'off'], {
      default: 'require',
      description:
        '`require`: a message that names another company is refused (`HUB_COMPANY_FOREIGN`, ' +
        'with path and value). `warn`: it is taken, and the receipt says so. `off`: nobody looks. ' +
        'Without any `companies` nobody looks either',
      zh: '报文中出现其他企业时：拒收、提示或不检查',
    }),
    codes: Type.Array(Code, {
      minItems: 1,
      maxItems: 1000,
      description:
        'Codes this partner files as: customs code of ten digits, credit code of eighteen characters, ' +
        'organisation code, sender and exchange ids. All that stands in its messages as who declares, ' +
        'enters or sends',
      zh: '企业自身的代码',
    }),
    principals: Type.Array(Principal, {
      default: [],
      maxItems: 10_000,
      description: 'Codes of companies it files for as their agent; `*` for any',
      zh: '代理企业的代码',
    }),
  },
  { additionalProperties: false },
)
export type CompaniesSetting = Static<typeof CompaniesSetting>

const Path = Type.String({ minLength: 1, pattern: '^[^/].*$' })

/** Where a document names companies. Every occurrence counts. */
export const CompanyPaths = Type.Object({
  /** Who declares, enters or sends it: the partner itself. */
  filer: Type.Optional(Type.Array(Path, { minItems: 1 })),
  /** In whose name it is filed: the partner, or a company it is the agent of. */
  principal: Type.Optional(Type.Array(Path, { minItems: 1 })),
})
export type CompanyPaths = Static<typeof CompanyPaths>

/** A company as a message names it. */
export interface NamedCompany {
  as: 'filer' | 'principal'
  /** Where, as the family writes it: `DecHead/AgentCode`, `UNB/2:1`. */
  path: string
  value: string
}

/** Most values of one path that are kept; the same value counts once. A partner's settings name up to 11,000. */
const mostOfOnePath = 12_000
const longest = 200

/**
 * A document with more companies on a path than are kept names one that nobody is: so it is refused, not looked at in
 * part.
 * @param valuesAt every value of a path, in order
 */
export function companiesIn(
  paths: CompanyPaths | undefined,
  valuesAt: (path: string) => Iterable<string>,
): NamedCompany[] {
  if (!paths) return []
  const found: NamedCompany[] = []
  for (const as of ['filer', 'principal'] as const)
    for (const path of paths[as] ?? []) {
      const values = new Set<string>()
      for (const value of valuesAt(path)) {
        if (value.trim() !== '') values.add(value.trim().slice(0, longest))
        if (values.size <= mostOfOnePath) continue
        values.add(`> ${mostOfOnePath}`)
        break
      }
      for (const value of values) found.push({ as, path, value })
    }
  return found
}

/** The companies among those named that the setting does not allow. */
export function strangersAmong(
  named: readonly NamedCompany[],
  { codes, principals }: Pick<CompaniesSetting, 'codes' | 'principals'>,
): NamedCompany[] {
  const own = new Set(codes.map(plain))
  const clients = new Set(principals.map(plain))
  const allows = (set: ReadonlySet<string>, value: string) => set.has(plain(value)) || set.has(plain(senderOf(value)))
  return named.filter(
    ({ as, value }) => !allows(own, value) && !(as === 'principal' && (clients.has('*') || allows(clients, value))),
  )
}

/** Is one of the companies named the partner itself or one it is the agent of, by its own code? `*` proves nothing. */
export function namesOneOf(
  named: readonly NamedCompany[],
  { codes, principals }: Pick<CompaniesSetting, 'codes' | 'principals'>,
): boolean {
  const known = new Set([...codes, ...principals].map(plain))
  known.delete('*')
  return named.some(({ value }) => known.has(plain(value)) || known.has(plain(senderOf(value))))
}

const plain = (code: string) => code.trim().toUpperCase()
/**
 * A manifest's SenderID is a company's code and, behind a line, the box it sends from:
 * `1101919999999_DXPESW0000999999`.
 */
const senderOf = (value: string) => value.split('_')[0]!

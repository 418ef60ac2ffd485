// operator — who works at the hub: an account with a role, its sessions, and acts that wait for a second person.

/**
 * What an account may do: look; look at accounts and their sessions too; act on messages and agencies; manage
 * partners, operators and the hub. Of several the last one counts as the highest.
 */
export const operatorRoles = ['viewer', 'auditor', 'operator', 'admin'] as const
/** One of the roles, the least first. */
export type OperatorRole = (typeof operatorRoles)[number]

/** Who does something, and why: as the audit keeps it. */
export interface Operator {
  who: string
  why?: string
}

/** How somebody signed in. */
export type SignedInBy = 'key' | 'password' | 'oidc'

/** A password as scrypt made it: parameters, salt and result, so that they can change without old ones failing. */
export interface PasswordHash {
  n: number
  r: number
  p: number
  /** base64 */
  salt: string
  /** base64 */
  hash: string
}

/** A person's account, as the ledger keeps it. */
export interface OperatorAccount {
  /** Also what the audit calls the person. */
  name: string
  /** Grows with each change. */
  version: number
  role: OperatorRole
  /** Codes of the agencies it is limited to. Absent: all. Never of an admin. */
  agencies?: string[]
  disabled: boolean
  /** SHA-256 of its key for the command line. */
  key?: string
  password?: PasswordHash
  /** Base32. `lastStep`: the newest time step a code was taken for; it and older ones are not taken again. */
  totp?: { secret: string; lastStep: number }
  /**
   * When wrong ones were shown lately, in milliseconds since 1970: codes behind the right password, and old passwords
   * by somebody who wanted another one. Here, so that they count at all hubs and over restarts.
   */
  wrong?: { code?: number[]; old?: number[] }
  /** SHA-256 of recovery codes that are not used yet. */
  recovery: string[]
  /** A link to choose a password by: SHA-256 of its token, and its end in milliseconds since 1970. */
  welcome?: { digest: string; until: number; totp: string }
  /** Of the identity provider: `issuer subject`. */
  oidc?: string
  createdAt: number
}

/** A session of the monitor, as the ledger keeps it. */
export interface OperatorSession {
  /** SHA-256 of what the cookie holds. */
  digest: string
  name: string
  by: SignedInBy
  address: string
  /** What the browser calls itself (User-Agent), cut; empty where it said nothing. */
  browser: string
  since: Date
  seen: Date
  /** Its absolute end. */
  until: Date
}

/** Where a session begins. */
export interface SessionFrom {
  address: string
  /** User-Agent. */
  browser?: string | undefined
}

/** Acts for which a second person can be asked (`operators.secondPerson`). */
export const secondPersonActs = ['drop', 'resend-all', 'rights'] as const

/** One of `secondPersonActs`. */
export type SecondPersonAct = (typeof secondPersonActs)[number]

/** Of an act for which a second person is asked. */
export type WaitingActState = 'waiting' | 'approved' | 'declined' | 'done' | 'failed'

/** An act that one person wants done and another one approves. */
export interface WaitingAct {
  id: string
  state: WaitingActState
  /** Which kind of act it is: drop, resend-all, rights … */
  act: string
  /** The call, as it is made once it is approved. */
  call: { method: string; url: string; body?: unknown; route: string }
  requestedBy: string
  /** How that person had signed in, and from where. */
  from: { by: SignedInBy; address: string }
  why: string
  at: Date
  until: Date
  decidedBy?: string
  decidedAt?: Date
  decidedWhy?: string
  /** HTTP status of the call, once it was made. */
  status?: number
}

/** Who makes a call, and how they showed it. */
export interface SignedIn {
  name: string
  role: OperatorRole
  /** Codes of the agencies it is limited to. Absent: all. */
  agencies?: readonly string[]
  by: SignedInBy
  /** SHA-256 of the session's cookie; absent where the call came with a key. */
  session?: string
}

const reach: Readonly<Record<OperatorRole, readonly OperatorRole[]>> = {
  viewer: ['viewer'],
  auditor: ['viewer', 'auditor'],
  operator: ['viewer', 'operator'],
  admin: operatorRoles,
}

/** May somebody of this role do what asks for the other? */
export const roleSuffices = (role: OperatorRole, needed: OperatorRole): boolean => reach[role].includes(needed)

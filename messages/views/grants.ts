// grants — who may see what a partner filed, as it is read by the owner, by the one who may see, and by an operator.
import { Type, type Static } from 'typebox'
import { GrantGiven, GrantReceived, GrantUse } from '../filing-grant.js'

const lists = { given: Type.Array(GrantGiven), received: Type.Array(GrantReceived) }
const uses = Type.Array(GrantUse, { description: 'Who saw rows by a grant, the newest first' })

export const GrantList = Type.Object(lists, {
  title: 'GrantList',
  description: 'given: by you. received: what others let you see now',
})
export type GrantList = Static<typeof GrantList>

export const GrantUseList = Type.Object({ uses }, { title: 'GrantUseList', description: 'Who saw your filings' })
export type GrantUseList = Static<typeof GrantUseList>

export const GrantsOfOwner = Type.Object(
  { ...lists, uses },
  { title: 'GrantsOfOwner', description: 'Who sees its filings, whose it sees, and who has looked' },
)
export type GrantsOfOwner = Static<typeof GrantsOfOwner>

// signing — the keys that sign for customs, and the work of the agents beside them, as they are read.
import { Type, type Static } from 'typebox'
import { SignerView } from '../signer-view.js'
import * as field from './fields.js'

export const SignerList = Type.Object(
  { signers: Type.Array(SignerView) },
  { title: 'SignerList', description: 'Every key that signs for customs' },
)
export type SignerList = Static<typeof SignerList>

export const SigningWork = Type.Object(
  { id: field.Text('Of this piece of work', 'work-1'), bytes: field.Text('What is to be signed, base64', 'AAAA') },
  { title: 'SigningWork', description: 'A piece of work for a signing agent' },
)

export const SigningTold = Type.Object(
  { wanted: field.Flag('False: nobody waits for it any more', true) },
  { title: 'SigningTold', description: 'What an agent brought has arrived' },
)

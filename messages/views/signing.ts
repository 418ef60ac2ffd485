// signing — the keys that sign for customs, and the work of the agents beside them, as they are read.
import { Type, type Static } from 'typebox'
import { SignerView } from '../signer-view.js'
import * as field from './fields.js'

/** All keys that sign declarations; the answer to `GET /ops/signers`. */
export const SignerList = Type.Object(
  { signers: Type.Array(SignerView) },
  { title: 'SignerList', description: 'All keys that sign declarations' },
)
export type SignerList = Static<typeof SignerList>

/** A task for a signing agent; the answer to `GET /signing/tasks`. */
export const SigningWork = Type.Object(
  { id: field.Text('Id of the task', 'work-1'), bytes: field.Text('The bytes to sign, base64', 'AAAA') },
  { title: 'SigningWork', description: 'A task for a signing agent' },
)

/** The signature of an agent has arrived; the answer to `POST /signing/tasks/:id`. */
export const SigningTold = Type.Object(
  { wanted: field.Flag('False: it is no longer needed', true) },
  { title: 'SigningTold', description: 'The signature of an agent has arrived' },
)

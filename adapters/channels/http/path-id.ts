// path-id — the id in the path of a call: /v1/messages/:id.
import { Type } from 'typebox'

/** The id of a message, a receipt, a submission … in an address: never longer than the hub's own ids are. */
export const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })

// path-id — the id in the path of a call: /v1/messages/:id.
import { Type } from 'typebox'

/** Of a message, a receipt, a submission …: never longer than the hub's own ids are. */
export const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })

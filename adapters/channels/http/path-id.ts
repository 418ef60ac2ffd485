// path-id — the id in the path of a call: /v1/messages/:id.
import { Type } from 'typebox'

export const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })

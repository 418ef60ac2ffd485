// ops — /ops: what operators call; the same once more below /monitor, for the page.
import { opsAgentsRoutes } from '../routes/agents-routes.js'
import type { AnswerRoom } from '../answer-room.js'
import type { Door } from '../app.js'
import type { Callers } from '../callers.js'
import type { Cookies } from '../cookies.js'
import { opsGrantsRoutes } from '../routes/grants-routes.js'
import { useJsonBodies } from '../json-bodies.js'
import { refuseUnknownQuery } from '../known-query.js'
import { opsAgenciesRoutes } from '../routes/ops-agencies-routes.js'
import { opsAnswersRoutes } from '../routes/ops-answers-routes.js'
import { opsContentRoutes } from '../routes/ops-content-routes.js'
import { opsKeepingRoutes } from '../routes/ops-keeping-routes.js'
import { opsMessagesRoutes } from '../routes/ops-messages-routes.js'
import { opsOperatorsRoutes } from '../routes/ops-operators-routes.js'
import { opsPartnersRoutes } from '../routes/ops-partners-routes.js'
import { opsReceiptsRoutes } from '../routes/ops-receipts-routes.js'
import { opsRoutes } from '../routes/ops-routes.js'
import { opsSubmissionsRoutes } from '../routes/ops-submissions-routes.js'
import type { HttpDoorParts } from '../parts.js'
import { hidePersons } from '../persons-door.js'
import { savedNotShown } from '../security-headers.js'
import { opsSigningRoutes } from '../routes/signing-routes.js'
import type { createApprovedCall } from './approved-call.js'
import { guardRights } from './rights.js'
import { unknownBelow } from './unknown-below.js'

/** What the calls of operators share. */
interface OpsShared {
  callers: Callers
  cookies: Cookies
  room: AnswerRoom
  runApproved: ReturnType<typeof createApprovedCall>
  /** Methods that an address takes. */
  methods: (path: string) => string[]
}

/** One scope of Fastify, whose hooks have set `request.signedIn`. */
export async function opsScope(
  door: Door,
  parts: HttpDoorParts,
  { callers, cookies, room, runApproved, methods }: OpsShared,
): Promise<void> {
  guardRights(door, parts, callers)
  hidePersons(door, parts)
  savedNotShown(door, { plain: true })
  refuseUnknownQuery(door)
  // A partner may file for thousands of companies.
  useJsonBodies(door, { mostValues: 100_000 })
  opsRoutes(door, parts)
  opsMessagesRoutes(door, parts)
  opsContentRoutes(door, parts, room)
  opsSubmissionsRoutes(door, parts)
  opsAnswersRoutes(door, parts)
  opsReceiptsRoutes(door, parts)
  opsKeepingRoutes(door, parts)
  opsPartnersRoutes(door, parts)
  opsGrantsRoutes(door, parts)
  opsAgentsRoutes(door, parts)
  opsAgenciesRoutes(door, parts)
  opsSigningRoutes(door, parts)
  opsOperatorsRoutes(door, parts, cookies, runApproved)
  unknownBelow(door, '/ops', methods)
}

// describe — the HTTP door described without a hub: its calls as they are registered, over the catalogue and the
// queries as they are.
import { createHttpDoor } from '../../adapters/channels/http/door.js'
import type { HttpDoorParts } from '../../adapters/channels/http/parts.js'
import { createMemoryBudget } from '../../messages/memory-budget.js'
import { createAskQuery, type AskQueryParts } from './ask-query.js'
import { createCatalogueView, type CatalogueViewParts } from './catalogue-view.js'

/** What a description is made of. */
export interface DescribedParts {
  routing: CatalogueViewParts & AskQueryParts['routing']
  queries: AskQueryParts['book']
  version: string
}

/** @returns the OpenAPI document, as GET /openapi.json of a hub of this version gives it */
export async function describeInterface(parts: DescribedParts): Promise<object> {
  const door = await describedDoor(parts)
  const description = door.swagger()
  await door.close()
  return description
}

/** The door with all its calls, ready to tell of them. To be closed by the caller. */
export async function describedDoor({ routing, queries, version }: DescribedParts) {
  const memory = () => createMemoryBudget({ mostBytes: 1, mostOfOwner: 1 })
  const asked = behind<AskQueryParts>({ book: queries, routing })
  const door = await createHttpDoor(
    behind<HttpDoorParts>(
      {
        ...createCatalogueView(routing),
        ...createAskQuery(asked),
        partnersChanged: () => () => {},
        memory: { partners: memory(), agencies: memory() },
        limits: { maxBytes: 1, connections: { most: 1, strangersPerAddress: 1 } },
        version,
      },
      ['tls', 'trustedProxies', 'clientAuthorities'],
    ),
  )
  await door.ready()
  return door
}

/** What is needed to describe the door; anything else that is called says so. */
function behind<T extends object>(parts: Partial<T>, absent: readonly (keyof T)[] = []): T {
  return new Proxy(parts, {
    get: (known, name) =>
      name in known || absent.includes(name as keyof T)
        ? known[name as keyof T]
        : () => {
            throw new Error(`${String(name)}: no hub runs behind this door`)
          },
  }) as T
}

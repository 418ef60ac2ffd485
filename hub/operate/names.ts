// names — what operations and agencies are called, by code, for the page.
import type { NamesView } from '../../messages/views/index.js'
import type { Routing } from '../../routing/operation.js'

/** Made when first asked for; the catalogue does not change while the hub runs. */
export function namesOf(routing: Pick<Routing, 'operations' | 'agencies'>): () => NamesView {
  let made: NamesView | undefined
  return () =>
    (made ??= {
      operations: Object.fromEntries([...routing.operations].map(([code, { title }]) => [code, title])),
      agencies: Object.fromEntries([...routing.agencies].map(([code, { title }]) => [code, title])),
    })
}

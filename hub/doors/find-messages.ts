// find-messages — a search as people ask it becomes one the ledger answers: an agency, or the beginning of a catalogue
// code, is a number of operations.
import type { MessageSearch } from '../../messages/filters.js'
import type { Ledger } from '../../store/ledger.js'
import type { Routing } from '../../routing/operation.js'

interface FindMessagesParts {
  ledger: Pick<Ledger, 'findMessages'>
  routing: Pick<Routing, 'operations'>
}

/** `operation` may be a whole catalogue code or the beginning of one: `1.1` for the operations of one system. */
export function createFindMessages({ ledger, routing }: FindMessagesParts) {
  return function findMessages({ agency, operation, ...query }: MessageSearch) {
    if (agency === undefined && (operation === undefined || routing.operations.has(operation)))
      return ledger.findMessages({ ...query, ...(operation === undefined ? {} : { operation }) })
    const operations = [...routing.operations.values()]
      .filter(({ code }) => operation === undefined || code === operation || code.startsWith(`${operation}.`))
      .filter(({ agencies }) => agency === undefined || agencies.includes(agency))
      .map(({ code }) => code)
    return ledger.findMessages({ ...query, operations })
  }
}

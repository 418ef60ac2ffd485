// coverage — how much of the published catalogue works: an operation works when a document carries it, a function
// (service, system, category) when all its operations do.
import type { Bilingual } from '../messages/text.js'
import type { CatalogueEntry, CataloguePlace, Routing } from './operation.js'

/** `planned`: no document carries it yet. Of a function or a system: not all of its operations work. */
export interface Count {
  working: number
  planned: number
}
/** One category, system or service with how many operations it has and how many of them work. */
export interface CoveragePart {
  code: string
  title: Bilingual
  operations: Count
}
/** The whole catalogue, counted at each level and broken down to services. */
export interface Coverage {
  total: Record<'operations' | 'functions' | 'services' | 'systems' | 'categories', Count>
  categories: (CoveragePart & { systems: (CoveragePart & { services: CoveragePart[] })[] })[]
}

/** What `hub catalogue --coverage` shows, and the table of the README. */
export function coverage({ operations }: Pick<Routing, 'operations'>): Coverage {
  const all = [...operations.values()]
  const part = (entries: CatalogueEntry[], named: (e: CatalogueEntry) => CataloguePlace): CoveragePart => ({
    ...named(entries[0]!),
    operations: count(entries, (e) => e.documents.length > 0),
  })
  const categories = groups(all, (e) => e.category.code).map((category) => ({
    ...part(category, (e) => e.category),
    systems: groups(category, (e) => e.system.code).map((system) => ({
      ...part(system, (e) => e.system),
      services: groups(system, (e) => e.service.code).map((service) => part(service, (e) => e.service)),
    })),
  }))
  const whole = (parts: CoveragePart[]) => count(parts, (p) => p.operations.planned === 0)
  return {
    total: {
      operations: count(all, (e) => e.documents.length > 0),
      functions: count(
        groups(all, (e) => e.function.code),
        (entries) => entries.every((e) => e.documents.length > 0),
      ),
      services: whole(categories.flatMap((c) => c.systems.flatMap((s) => s.services))),
      systems: whole(categories.flatMap((c) => c.systems)),
      categories: whole(categories),
    },
    categories,
  }
}

function count<T>(items: T[], works: (item: T) => boolean): Count {
  const working = items.filter(works).length
  return { working, planned: items.length - working }
}

function groups<T>(items: T[], key: (item: T) => string): T[][] {
  const found = new Map<string, T[]>()
  for (const item of items) {
    const group = found.get(key(item))
    if (group) group.push(item)
    else found.set(key(item), [item])
  }
  return [...found.values()]
}

// sample-order — which operation a published sample is filed as: one document serves entries and exits, originals and
// changes, and who asks for a sample of one of them is not to get that of another.
import type { Inspect } from '../../messages/inspection.js'
import type { Inbound } from '../../messages/inbound.js'
import { resolve } from '../../routing/resolve.js'
import type { Routing } from '../../routing/operation.js'
import type { Split } from '../steps/accept/split.js'

/** @see [buildHttpDoor](../boot/http.ts) */
interface SampleOrderParts {
  split: (inbound: Inbound) => Promise<Split>
  /** @see [createChecker](../../xsd/checker.ts) */
  inspect: Inspect
  routing: Routing
}

/** Samples of one operation, the best first. */
export type SampleOrder = <T extends { file: string; content: Buffer }>(code: string, samples: T[]) => Promise<T[]>

/** What is filed as this operation comes first, then what may be, when its sender says so; others keep their places. */
export function createSampleOrder({ split, inspect, routing }: SampleOrderParts): SampleOrder {
  /** By file: each is read once. */
  const known = new Map<string, Promise<(code: string) => number>>()

  async function rankOf(bytes: Buffer): Promise<(code: string) => number> {
    const found = await split({ partnerId: 'samples', channel: 'http', bytes })
    const [first] = 'parts' in found ? found.parts : []
    const { document } = first ? await inspect(first.bytes, { owner: 'samples' }) : {}
    if (!document) return () => 2
    return (code) => {
      const filed = resolve(routing, document)
      if (filed.outcome === 'resolved' && filed.operation.code === code) return 0
      return resolve(routing, document, { named: code }).outcome === 'resolved' ? 1 : 2
    }
  }

  return async function ordered(code, samples) {
    const ranked: { sample: (typeof samples)[number]; rank: number }[] = []
    for (const sample of samples) {
      const rank = known.get(sample.file) ?? rankOf(sample.content)
      known.set(sample.file, rank)
      rank.catch(() => known.delete(sample.file))
      ranked.push({ sample, rank: (await rank)(code) })
    }
    return ranked.sort((a, b) => a.rank - b.rank).map(({ sample }) => sample)
  }
}

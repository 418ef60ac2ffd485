// load — how much this process has to do at once: checks, memory, open connections, and what it turns away.
import type { MemoryView } from '../../messages/memory-budget.js'
import type { NumberRow, Scrape } from './scrape.js'

/** @see [watchGauges](../../hub/boot/gauges.ts) */
export interface LoadSources {
  checksWaiting: () => number
  checkThreads: () => number
  /** True while new work is turned away. */
  full: () => boolean
  /** Free on each disk that is watched, and with how little new work is turned away; empty: not known yet. */
  disks: () => { folder: string; freeBytes: number; leastBytes: number }[]
  /** Log lines that could not be written so far. */
  logLinesLost: () => number
  /** What the doors have open, by what it is: connections, files. */
  doorUsage: () => Record<string, number>
  /**
   * Room in memory: what is held by what partners send and by what agencies answer, and how many deliveries waited for
   * it.
   */
  memory: () => Record<'partners' | 'agencies', MemoryView>
}

/** Registers these numbers; each is asked for at a scrape. */
export function watchLoad(sources: LoadSources, { gauge, table, total }: Scrape): void {
  total('hub_log_lines_lost_total', 'Log lines that could not be written', [], () => [[{}, sources.logLinesLost()]])
  gauge('hub_full', '1 while new work is turned away', () => (sources.full() ? 1 : 0))
  table(
    'hub_disk_free_bytes',
    'Free for what comes on the disk of the data folder, and of the SFTP mailboxes where they have their own',
    ['folder'],
    () => sources.disks().map(({ folder, freeBytes }): NumberRow => [{ folder }, freeBytes]),
  )
  table('hub_disk_least_bytes', 'With less free in the data folder new work is turned away', ['folder'], () =>
    sources.disks().map(({ folder, leastBytes }): NumberRow => [{ folder }, leastBytes]),
  )
  gauge('hub_check_threads', 'Threads that check messages', sources.checkThreads)
  gauge('hub_checks_waiting', 'Messages that wait for a checking thread', sources.checksWaiting)
  table('hub_door_open', 'Connections and files the doors have open', ['what'], () =>
    Object.entries(sources.doorUsage()).map(([what, value]): NumberRow => [{ what }, value]),
  )
  const memory = (read: (view: MemoryView) => number) => () =>
    Object.entries(sources.memory()).map(([of, view]): NumberRow => [{ of }, read(view)])
  table(
    'hub_memory_held_bytes',
    'Bytes held in memory of what partners send, and of what agencies answer',
    ['of'],
    memory(({ heldBytes }) => heldBytes),
  )
  table(
    'hub_memory_limit_bytes',
    'The most of them there may be',
    ['of'],
    memory(({ mostBytes }) => mostBytes),
  )
  table(
    'hub_memory_waiting',
    'Deliveries that wait for room in memory now',
    ['of'],
    memory(({ waiting }) => waiting),
  )
  total(
    'hub_memory_waits_total',
    'Deliveries that had to wait for room in memory, and those that waited in vain',
    ['of', 'outcome'],
    () =>
      Object.entries(sources.memory()).flatMap(([of, { waits, refused }]): [Record<string, string>, number][] => [
        [{ of, outcome: 'waited' }, waits],
        [{ of, outcome: 'refused' }, refused],
      ]),
  )
}

// memory — a budget and rates that never run out, for tests about something else.
import { createMemoryBudget } from '../../messages/memory-budget.js'
import { createRates } from '../../messages/rates.js'

export const memory = createMemoryBudget({ mostBytes: 2 ** 30, mostOfOwner: 2 ** 30 })
export const rates = createRates({ callsPerSecond: 2 ** 30, bytesPerSecond: 2 ** 40 })

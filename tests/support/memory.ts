// memory — a budget that never runs out, for tests about something else.
import { createMemoryBudget } from '../../messages/memory-budget.js'

export const memory = createMemoryBudget({ mostBytes: 2 ** 30, mostOfOwner: 2 ** 30 })

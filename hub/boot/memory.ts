// memory — how much of the machine's memory this hub may use, and what share of it bodies, files and answers get.
import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { createMemoryBudget, type MemoryBudget } from '../../messages/memory-budget.js'

interface MemoryPlan {
  /** What the process may use in all, and who says so. */
  megabytes: number
  from: 'HUB_MEMORY_MB' | 'cgroup' | 'machine'
  /** Bytes for what all partners send, for what one of them sends, and for what agencies answer. */
  partnersBytes: number
  partnerBytes: number
  agenciesBytes: number
  /** Threads for messages that are checked alone since they are large. */
  largeThreads: number
  /** Memory of the thread that reads agencies' large answers, in megabytes. */
  replyThreadMegabytes: number
}

const mib = 1024 * 1024
/** The share of the whole for bytes that are held; the rest is for what is made of them, and for the hub itself. */
const bodiesShare = 1 / 4
/** More is not needed for deliveries of the largest size. */
const mostBodies = 32
/** A parsed document takes up to so many times its size. */
export const parsedRatio = 20
/** Other programs live on a machine, too: a private Redis among them. */
const machineShare = 1 / 2
/**
 * Of the whole, for the thread that reads large answers: one of 32 MB takes some 300 MB. What needs more is kept
 * unread, for a person.
 */
const replyThreadShare = 1 / 4
const replyThreadMb = { least: 384, most: 1024 }

/**
 * @param setting megabytes; absent: what the control group allows, else half of the machine
 * @param maxBytes largest interchange
 */
export function planMemory({
  setting,
  maxBytes,
  threads,
  cgroup = cgroupLimit(),
  machine = totalmem(),
}: {
  setting?: number | undefined
  maxBytes: number
  threads: number
  cgroup?: number | undefined
  machine?: number
}): MemoryPlan {
  const bytes = setting !== undefined ? setting * mib : (cgroup ?? machine * machineShare)
  const bodies = Math.min(bytes * bodiesShare, mostBodies * maxBytes)
  // A zip and what is in it are held together: less than twice the largest would refuse what is allowed.
  const partners = Math.max(bodies * (3 / 4), maxBytes * 3)
  return {
    megabytes: Math.round(bytes / mib),
    from: setting !== undefined ? 'HUB_MEMORY_MB' : cgroup !== undefined ? 'cgroup' : 'machine',
    partnersBytes: Math.round(partners),
    partnerBytes: Math.round(Math.max(partners / 2, maxBytes * 2)),
    agenciesBytes: Math.round(Math.max(bodies / 4, maxBytes * 2)),
    replyThreadMegabytes: Math.round(
      Math.min(replyThreadMb.most, Math.max(replyThreadMb.least, (bytes * replyThreadShare) / mib)),
    ),
    largeThreads: Math.max(1, Math.min(Math.floor(threads / 2), Math.floor((bytes * 0.3) / (maxBytes * parsedRatio)))),
  }
}

/** Bytes that are waited for, by partner and in all. */
export function createBudgets({ partnersBytes, partnerBytes, agenciesBytes }: MemoryPlan): {
  partners: MemoryBudget
  agencies: MemoryBudget
} {
  return {
    partners: createMemoryBudget({ mostBytes: partnersBytes, mostOfOwner: partnerBytes }),
    agencies: createMemoryBudget({ mostBytes: agenciesBytes, mostOfOwner: agenciesBytes }),
  }
}

/**
 * The least that this process's control group, or one above it, allows, in bytes; undefined without a limit. Version 2:
 * `memory.max` of the unified hierarchy; version 1: `memory.limit_in_bytes` of the memory controller (cgroups(7),
 * memory.txt of the kernel).
 */
export function cgroupLimit(root = '/'): number | undefined {
  const lines = read(join(root, 'proc/self/cgroup')).split('\n')
  const limits = lines.flatMap((line) => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers !== '' && !controllers.split(',').includes('memory')) return []
    const [base, file] =
      controllers === '' ? ['sys/fs/cgroup', 'memory.max'] : ['sys/fs/cgroup/memory', 'memory.limit_in_bytes']
    const steps = path.split('/').filter((step) => step !== '' && step !== '..')
    // In a container the path may be one of the machine outside; then only the root is there.
    return steps
      .map((_, i) => steps.slice(0, i + 1))
      .concat([[]])
      .map((names) => Number(read(join(root, base, ...names, file)).trim() || NaN))
  })
  // Version 1 says "no limit" as a number beyond any machine.
  const found = limits.filter((limit) => Number.isSafeInteger(limit) && limit > 0 && limit < 2 ** 50)
  return found.length === 0 ? undefined : Math.min(...found)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

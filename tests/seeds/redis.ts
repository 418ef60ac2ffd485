// redis — the queues as BullMQ keeps them, where that matters: a job with an id that is there already is ignored, a
// delayed one waits, one whose worker is gone (or stood still) is given to another, and all of it can be lost.
import type { JobData } from '../../queues/offering.js'
import type { Owner, World } from './world.js'

interface Job {
  id: string
  queue: string
  data: JobData
  state: 'waiting' | 'delayed' | 'active'
  /** Who has it now; a worker with another one has lost it. */
  token: number
  owner?: Owner
}

export type Redis = ReturnType<typeof createRedis>

/** A dead worker's jobs are given to others after its lock is over and somebody has looked. */
const lockMs = [20_000, 30_000] as const

export function createRedis(world: World) {
  let jobs = new Map<string, Job>()
  let tokens = 0
  let away = false
  /** Looks whether a worker can take something. */
  let rung: (queue: string) => void = () => {}
  const key = (queue: string, id: string) => `${queue} ${id}`

  function wait(job: Job): void {
    job.state = 'waiting'
    delete job.owner
    rung(job.queue)
  }

  /** Nobody says any more that its worker lives: it is given to another in a while. */
  function comesAgain(job: Job): void {
    const { token } = job
    world.after(world.random.int(...lockMs), undefined, 'redis: stalled', () => {
      if (jobs.get(key(job.queue, job.id)) === job && job.state === 'active' && job.token === token) wait(job)
    })
  }

  /** The job, while this worker has it and Redis can be told so. */
  function mine(queue: string, id: string, token: number): Job | undefined {
    const job = jobs.get(key(queue, id))
    if (job?.token !== token || job.state !== 'active') return undefined
    if (!away) return job
    comesAgain(job)
    return undefined
  }

  return {
    listen: (listener: (queue: string) => void) => void (rung = listener),
    isAway: () => away,
    goAway(): void {
      away = true
    },
    comeBack(): void {
      away = false
    },
    flush(): void {
      jobs = new Map()
    },
    has: (queue: string, id: string) => jobs.has(key(queue, id)),
    jobs: () => [...jobs.values()],
    /** As BullMQ: one that is there is left as it is. */
    add(queue: string, id: string, data: JobData): void {
      if (jobs.has(key(queue, id))) return
      const job: Job = { id, queue, data, state: 'waiting', token: 0 }
      jobs.set(key(queue, id), job)
      wait(job)
    },
    /** The first that waits is this worker's now. */
    fetch(queue: string, owner: Owner): { id: string; data: JobData; token: number } | undefined {
      if (away) return undefined
      for (const job of jobs.values()) {
        if (job.queue !== queue || job.state !== 'waiting') continue
        job.state = 'active'
        job.owner = owner
        job.token = ++tokens
        return { id: job.id, data: job.data, token: job.token }
      }
      return undefined
    },
    activeOf: (queue: string, owner: Owner) =>
      [...jobs.values()].filter((job) => job.queue === queue && job.state === 'active' && job.owner === owner).length,
    /** False: it was given to somebody else, or is lost. */
    finish(queue: string, id: string, token: number): boolean {
      const job = mine(queue, id, token)
      return job !== undefined && jobs.delete(key(queue, id))
    },
    delay(queue: string, id: string, token: number, at: number): boolean {
      const job = mine(queue, id, token)
      if (!job) return false
      job.state = 'delayed'
      delete job.owner
      world.after(at - world.now(), undefined, 'redis: due', () => {
        if (jobs.get(key(queue, id)) === job && job.state === 'delayed' && job.token === token) wait(job)
      })
      return true
    },
    /** Whoever has it has not said for too long that it lives. */
    stall(job: Job): void {
      if (jobs.get(key(job.queue, job.id)) === job && job.state === 'active') wait(job)
    },
    /** The jobs of one that died come again later. */
    mourn(owner: Owner): void {
      for (const job of jobs.values()) if (job.owner === owner && job.state === 'active') comesAgain(job)
    },
  }
}

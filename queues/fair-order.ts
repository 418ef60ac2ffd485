// fair-order — whose job of a queue goes next: partners that wait for one agency take turns, however many jobs each of
// them has. Start-time fair queuing by BullMQ's own priority, which is the job's position here: the first job of a
// partner gets the position that is served now, each further one the position after the one before. Jobs of one
// position go in the order in which they came.
//
//   served now: 7      partner A, 1,000 jobs: 7 8 9 10 11 …      partner B, its first job: 7
//
// All hubs of one Redis count together, in one small hash a queue and urgency. When Redis loses it, the jobs are lost
// with it, and get new positions as they are offered again. How urgent an operation is to its agency comes before any
// turn: each urgency has positions of its own.
import { createHash } from 'node:crypto'
import type { HubRedis } from './connection.js'

/** The line in which a submission waits: one for each partner and urgency. */
export interface Lane {
  partnerId: string
  /** How urgent it is to its agency, 1 first. Absent: this agency has no priorities. */
  urgency?: number | undefined
  /** All urgencies that the rules of this agency know. */
  urgencies?: readonly number[]
}

/** BullMQ takes no priority above it. */
export const lastPriority = 2 ** 21 - 1

/** With more jobs positions are not begun again from the first: Redis would answer nobody meanwhile. */
const mostMoved = 100_000
/** Of an urgency that the rules no longer have nobody asks any more. */
const keptSeconds = 30 * 86_400

/**
 * KEYS: last positions of partners, and what else is known of one urgency; of its queue the prioritized, the delayed
 * and the active jobs. ARGV: first and last position of this urgency, what job keys begin with, most jobs that are
 * moved, how long the hashes are kept, the id of a job under way that will wait for a time (or nothing), the partner of
 * each job. @returns a position for each
 *
 * Known is `now`, the position served last, as far as it was seen; `top`, the highest one of a job that was never
 * tried; `again:…`, a partner's last one of a job that waits for its next try. BullMQ orders by the position times 2^32
 * plus a number that counts up.
 *
 * With nothing waiting, all positions up to `top` have been served. Jobs whose time has come may stand before `now`: a
 * partner of whom nothing waits stands with the first of those that wait, whatever their number.
 *
 * Positions begin again from the first when the queue is idle, else when half of them are behind.
 */
const takeScript = `
local lasts, state, prioritized, delayed, active = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local first, last, jobs, mostMoved = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local again = ARGV[6]
local scale = 4294967296
local function text(number) return string.format('%.0f', number) end
local from, to = text(first * scale), '(' .. text((last + 1) * scale)
local function positionOf(score) return math.floor(tonumber(score) / scale) end
local function of(key, field) return tonumber(redis.call('hget', key, field) or first) end
local function ofJob(id)
  local position = tonumber(redis.call('hget', jobs .. id, 'priority') or 0)
  return position >= first and position <= last and position or nil
end

local now, top = of(state, 'now'), of(state, 'top')
if again ~= '' then now = math.max(now, ofJob(again) or first) end
local front = redis.call('zrangebyscore', prioritized, from, to, 'withscores', 'limit', 0, 1)[2]
if front then
  front = positionOf(front)
  now = math.max(now, front)
else
  redis.call('del', lasts)
  if redis.call('zcard', delayed) == 0 and redis.call('llen', active) == 0 then
    redis.call('del', state)
    now, top = first, first
  end
  now = math.max(now, top)
  front = now
end

local by = now - first
if by > (last - first) / 2 and redis.call('zcard', prioritized) + redis.call('zcard', delayed) <= mostMoved then
  local function lower(position) return math.max(first, position - by) end
  local done, some = 0, nil
  repeat
    some = redis.call('zrangebyscore', prioritized, from, to, 'withscores', 'limit', done, 1000)
    for i = 1, #some, 2 do
      local position = positionOf(some[i + 1])
      local score = tonumber(some[i + 1]) - (position - lower(position)) * scale
      redis.call('zadd', prioritized, text(score), some[i])
    end
    done = done + #some / 2
  until #some == 0
  for _, ids in ipairs({ redis.call('zrange', delayed, 0, -1), redis.call('lrange', active, 0, -1) }) do
    for _, id in ipairs(ids) do
      local position = ofJob(id)
      if position then redis.call('hset', jobs .. id, 'priority', text(lower(position))) end
    end
  end
  for _, key in ipairs({ lasts, state }) do
    local fields = redis.call('hgetall', key)
    for i = 1, #fields, 2 do
      local position = tonumber(fields[i + 1])
      if position < now then
        redis.call('hdel', key, fields[i])
      else
        redis.call('hset', key, fields[i], text(lower(position)))
      end
    end
  end
  now, top, front = first, lower(top), lower(front)
end

local positions = {}
if again == '' then
  local given = {}
  for i = 7, #ARGV do
    local partner = ARGV[i]
    local before = given[partner] or tonumber(redis.call('hget', lasts, partner) or 0)
    local position = before < front and front or math.min(last, math.max(now, before + 1))
    given[partner] = position
    top = math.max(top, position)
    positions[#positions + 1] = position
  end
  for partner, position in pairs(given) do redis.call('hset', lasts, partner, text(position)) end
  redis.call('expire', lasts, ARGV[5])
else
  local lane = 'again:' .. ARGV[7]
  local fresh = tonumber(redis.call('hget', lasts, ARGV[7]) or 0)
  local before = math.max(fresh, tonumber(redis.call('hget', state, lane) or 0))
  positions[1] = math.min(last, math.max(now, before + 1))
  redis.call('hset', state, lane, text(positions[1]))
  if redis.call('exists', jobs .. again) == 1 then
    redis.call('hset', jobs .. again, 'priority', text(positions[1]))
  end
end
redis.call('hset', state, 'now', text(now), 'top', text(top))
redis.call('expire', state, ARGV[5])
return positions`
const takeSha = createHash('sha1').update(takeScript).digest('hex')

/** Positions in the queues of one Redis. A queue is named by what its keys begin with, without the colon. */
export interface FairOrder {
  /** @returns for each job the priority with which it is to be added, in their order */
  take(queueKey: string, lanes: readonly Lane[]): Promise<number[]>
  /** For a job under way that is about to wait for a time: then it goes behind what its partner has offered before. */
  takeAgain(queueKey: string, jobId: string, lane: Lane): Promise<void>
}

/** @param lastPosition of a queue; another one in tests */
export function createFairOrder(redis: HubRedis, lastPosition = lastPriority): FairOrder {
  async function ask(queueKey: string, { first, last }: Positions, jobId: string, partners: string[]) {
    const range = `${first}-${last}`
    const keys = [`fair-lasts:${range}`, `fair:${range}`, 'prioritized', 'delayed', 'active'].map(
      (name) => `${queueKey}:${name}`,
    )
    const values = [...keys, first, last, `${queueKey}:`, mostMoved, keptSeconds, jobId, ...partners]
    const positions = await redis.evalsha(takeSha, keys.length, ...values).catch((error: unknown) => {
      if (!String(error).includes('NOSCRIPT')) throw error
      return redis.eval(takeScript, keys.length, ...values)
    })
    if (!Array.isArray(positions)) throw new Error('no positions')
    return positions.map(Number)
  }

  return {
    async take(queueKey, lanes) {
      const found: number[] = []
      const groups = new Map<number, { of: Positions; indexes: number[] }>()
      for (const [i, lane] of lanes.entries()) {
        const of = positionsOf(lane, lastPosition)
        const group = groups.get(of.first) ?? { of, indexes: [] }
        groups.set(of.first, group)
        group.indexes.push(i)
      }
      await Promise.all(
        [...groups.values()].map(async ({ of, indexes }) => {
          const partners = indexes.map((i) => lanes[i]!.partnerId)
          const positions = await ask(queueKey, of, '', partners)
          for (const [k, i] of indexes.entries()) found[i] = positions[k]!
        }),
      )
      return found
    },
    async takeAgain(queueKey, jobId, lane) {
      await ask(queueKey, positionsOf(lane, lastPosition), jobId, [lane.partnerId])
    },
  }
}

interface Positions {
  first: number
  last: number
}

/** As many for each urgency of an agency, the most urgent first. */
function positionsOf({ urgency, urgencies = [] }: Lane, lastPosition: number): Positions {
  if (urgency === undefined) return { first: 1, last: lastPosition }
  const all = [...new Set([...urgencies, urgency])].sort((a, b) => a - b)
  const each = Math.floor(lastPosition / all.length)
  const rank = all.indexOf(urgency)
  return { first: rank * each + 1, last: (rank + 1) * each }
}

// paced — calls that come when they are due, whether the answers keep up or not; how long each takes counts from then.

/**
 * So many a second for so many seconds.
 * @param {number} perSecond
 * @param {number} seconds
 * @param {(n: number) => Promise<unknown>} one
 * @returns {Promise<{ count: number, seconds: number, latencies: number[] }>} latencies in ms, in the order in which
 *   the calls were due
 */
export async function paced(perSecond, seconds, one) {
  const began = performance.now()
  /** @type {number[]} */
  const latencies = []
  const underWay = []
  const total = Math.round(perSecond * seconds)
  for (let n = 0; n < total; n++) {
    const due = began + (n * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 1) await new Promise((wake) => setTimeout(wake, wait))
    underWay.push(one(n).then(() => void (latencies[n] = performance.now() - due)))
  }
  await Promise.all(underWay)
  return { count: total, seconds: (performance.now() - began) / 1000, latencies }
}

// A flood of TLS handshakes from one address waits behind itself; another address is let in at its turn.
import { expect, test, vi } from 'vitest'
import { createHandshakePace } from '../../adapters/channels/http/handshake-pace.js'

test('few handshakes begin at once; of a flood 300 begin in a second, and a newcomer from elsewhere is next', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const pace = createHandshakePace()
    let flood = 0
    const began: string[] = []
    for (let i = 0; i < 5000; i++) pace.begin('192.0.2.1', () => void flood++)
    expect(flood).toBe(60)
    vi.advanceTimersByTime(1000)
    expect(flood).toBeGreaterThan(300)
    expect(flood).toBeLessThan(400)
    pace.begin('192.0.2.2', () => began.push('newcomer'))
    vi.advanceTimersByTime(20)
    expect(began).toEqual(['newcomer'])
    expect(pace.waiting).toBeGreaterThan(4000)
    pace.stop()
  } finally {
    vi.useRealTimers()
  }
})

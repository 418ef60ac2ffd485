// shifted-clock — loaded before a program (`node --import`): its clock is as far ahead as the file SHIFTED_CLOCK says,
// in milliseconds, and goes on at the usual pace; a line (with its end) may also set it back. Only what the time is
// changes; timers wait in real time.
import { readFileSync } from 'node:fs'

const file = process.env.SHIFTED_CLOCK
const Real = globalThis.Date
let ahead = 0
const look = () => {
  const text = readFileSync(file, 'utf8')
  const said = Number(text)
  // Back only by a whole line: a file that is being written may be empty.
  if (said > ahead || /^-?\d+\n$/.test(text)) ahead = said
}
look()
setInterval(look, 15).unref()

globalThis.Date = class Date extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() + ahead)
    else super(...parts)
  }
  static now() {
    return Real.now() + ahead
  }
  // Dates that Node itself has made are dates too.
  static [Symbol.hasInstance](value) {
    return value instanceof Real
  }
}

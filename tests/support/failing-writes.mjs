// failing-writes — loaded before a program (`node --import`): of all calls that change something below a folder, the
// n-th fails as on a full or broken disk. The file FAILING_WRITES says which, and may say another one at any time:
// {"below": "/folder", "nth": 3, "code": "ENOSPC"}. Beside it, `<file>.seen` has a line for each call since, and what
// failed is marked. `nth` 0: none fails, and all are counted. With `ledger: true` the calls are instead the statements
// and commits that SQLite writes into files below the folder.
import { createRequire } from 'node:module'
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { resolve } from 'node:path'

const file = process.env.FAILING_WRITES
const real = { appendFileSync: fs.appendFileSync, readFileSync: fs.readFileSync }
let asked = ''
let wanted

const read = (path) => {
  try {
    return real.readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function look() {
  const now = read(file)
  // Being written just now: what held before holds.
  if (now === asked || (now !== '' && !now.endsWith('\n'))) return
  asked = now
  wanted = now === '' ? undefined : JSON.parse(now)
}

/** Throws when this is the one that fails. */
function pass(call, path, ledger = false) {
  look()
  if (wanted === undefined || path === undefined || ledger !== (wanted.ledger ?? false)) return
  const where = resolve(String(path))
  if (!where.startsWith(wanted.below)) return
  // Counted for all threads of the process together.
  const fails = read(`${file}.seen`).split('\n').length === wanted.nth
  real.appendFileSync(`${file}.seen`, `${fails ? 'FAILED ' : ''}${call} ${where}\n`)
  if (fails) throw Object.assign(new Error(`${wanted.code}: no more, ${call} '${where}'`), { code: wanted.code })
}

const writes = (flags) => (typeof flags === 'number' ? (flags & 3) !== 0 : flags !== undefined && !/^r$/.test(flags))

// Files that are open, by what they were opened as.
const open = promises.open
promises.open = async (path, flags, mode) => {
  if (writes(flags)) pass('open', path)
  const handle = await open(path, flags, mode)
  for (const call of ['write', 'writev', 'writeFile', 'appendFile', 'sync', 'datasync', 'truncate']) {
    const own = handle[call].bind(handle)
    handle[call] = async (...args) => {
      pass(call, path)
      return own(...args)
    }
  }
  return handle
}
for (const [call, to] of [
  ['rename', 1],
  ['link', 1],
  ['copyFile', 1],
  ['writeFile', 0],
  ['appendFile', 0],
  ['mkdir', 0],
  ['unlink', 0],
  ['rm', 0],
  ['rmdir', 0],
  ['chmod', 0],
  ['utimes', 0],
]) {
  const own = promises[call]
  promises[call] = async (...args) => {
    pass(call, args[to])
    return own(...args)
  }
}
for (const [call, to] of [
  ['renameSync', 1],
  ['linkSync', 1],
  ['copyFileSync', 1],
  ['writeFileSync', 0],
  ['mkdirSync', 0],
  ['unlinkSync', 0],
  ['rmSync', 0],
]) {
  const own = fs[call]
  fs[call] = (...args) => {
    pass(call, args[to])
    return own(...args)
  }
}
syncBuiltinESMExports()

// SQLite's own writes are not Node's: each statement that changes something, and each commit.
const load = createRequire(import.meta.url)
const Database = load(Number(process.versions.napi) >= 10 ? 'better-sqlite3' : 'better-sqlite3-node20')
const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1'))
const changes = ({ readonly, source }) =>
  /^\s*commit\b/i.test(source) || (!readonly && !/^\s*(begin|rollback|savepoint|release)\b/i.test(source))
for (const call of ['run', 'get', 'all']) {
  const own = statement[call]
  statement[call] = function (...args) {
    if (this.database.name !== ':memory:' && changes(this)) {
      try {
        pass(this.source.trim().split(/\s+/, 3).join(' '), this.database.name, true)
      } catch (error) {
        throw Object.assign(error, { name: 'SqliteError', code: 'SQLITE_FULL' })
      }
    }
    return own.apply(this, args)
  }
}

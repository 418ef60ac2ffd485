// setup — gets a fresh clone ready with nothing but Node and npm, then runs what was asked for. No dependencies.
//   node setup.mjs start [options]   install, find or install redis-server, build, start the embedded demo hub
//   node setup.mjs dev               the same, building again and restarting at every change
//   node setup.mjs build             compile and bundle, whether anything has changed or not
//   node setup.mjs prepare           install, redis-server, the OpenSSH tools and the PostgreSQL the tests talk to, build
//   node setup.mjs run FILE [args]   prepare, then run a script of the project
import { createHash } from 'node:crypto'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
/** Its time is that of the last build. */
const stamp = join(root, 'dist/.built')
const say = (line) => process.stderr.write(`setup: ${line}\n`)
const [command = 'start', ...rest] = process.argv.slice(2)

checkNode()
switch (command) {
  case 'start':
    await prepare()
    process.argv = [process.argv[0], join(root, 'dist/hub/cli/main.js'), 'start', '--demo', ...rest]
    await import(pathToFileURL(join(root, 'dist/hub/cli/main.js')).href)
    break
  case 'dev':
    await prepare()
    await dev()
    break
  case 'build':
    build()
    break
  case 'prepare':
    await prepare()
    tools()
    postgres()
    token()
    break
  case 'run':
    await prepare()
    process.exitCode = spawnSync(process.execPath, rest, { cwd: root, stdio: 'inherit' }).status ?? 1
    break
  default:
    fail(`unknown command ${command}; one of start, dev, build, prepare, run`)
}

async function prepare() {
  await install()
  redis()
  if (!isBuilt()) build()
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old. Install Node 20.19 or later (22 and 24 work too).`)
}

/** npm ci, when the packages are missing or the lock file has changed since they were installed. */
async function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules/.setup-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  // Packages that npm itself has just installed (npm ci, npm install) need no second install.
  const already =
    existsSync(join(root, 'node_modules/.package-lock.json')) &&
    statSync(join(root, 'node_modules/.package-lock.json')).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  if (!already) {
    say('installing packages (once; a minute or three, the SQLite driver may have to be compiled)')
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    const code = await quietly('packages', npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    if (code !== 0) fail('npm ci failed; the reason is above. Fix it and start again.')
    say('packages installed')
  }
  writeFileSync(stamp, lock)
}

/** Runs a program that says nothing for minutes, and says for it how long it has been at work. */
function quietly(what, command, args) {
  const begun = Date.now()
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  const heartbeat = setInterval(
    () => say(`still installing ${what} (${Math.round((Date.now() - begun) / 1000)} s)`),
    15_000,
  )
  return new Promise((resolve) => {
    child.on('error', () => resolve(1))
    child.on('close', resolve)
  }).finally(() => clearInterval(heartbeat))
}

/** A Redis: REDIS_URL, or redis-server/valkey-server on PATH, or installed now, or one message that says what to do. */
function redis() {
  if (process.env.REDIS_URL || onPath('redis-server') || onPath('valkey-server')) return
  say('no redis-server found, installing it')
  if (packageInstall({ apt: ['redis-server'], brew: ['redis'] }) && (onPath('redis-server') || onPath('valkey-server')))
    return
  fail(
    'No Redis. Install redis-server 6.2 or later (Debian/Ubuntu: apt-get install redis-server; macOS: ' +
      'brew install redis;\n       Fedora: dnf install valkey), or set REDIS_URL=redis://host:6379, then start again.',
  )
}

/** What only the tests talk to: a real OpenSSH client and server, curl, and a browser for the ops page. */
function tools() {
  const browser =
    ['chromium', 'chromium-browser', 'google-chrome'].some(onPath) || process.env.CHROMIUM
      ? []
      : [['chromium', 'chromium']]
  const missing = [['sftp', 'openssh-client'], ['sshd', 'openssh-server'], ['curl', 'curl'], ...browser].filter(
    ([name]) => !onPath(name),
  )
  if (missing.length === 0) return
  say(`installing ${missing.map(([, pkg]) => pkg).join(', ')} for the tests`)
  packageInstall({ apt: missing.map(([, pkg]) => pkg), brew: ['openssh', 'curl', 'chromium'] })
  const still = missing.filter(([name]) => !onPath(name))
  if (still.length > 0)
    fail(
      `the tests talk to real OpenSSH, curl and Chromium; install ${still.map(([, pkg]) => pkg).join(', ')} ` +
        `and start again.`,
    )
}

/** A PostgreSQL for the tests, which start servers of their own. Without one those tests are skipped, and say so. */
function postgres() {
  const debian = '/usr/lib/postgresql'
  const there = () =>
    ['initdb', 'postgres'].every(onPath) ||
    (existsSync(debian) && readdirSync(debian).some((one) => existsSync(join(debian, one, 'bin/initdb'))))
  if (there()) return
  say('installing PostgreSQL for the tests')
  packageInstall({ apt: ['postgresql'], brew: ['postgresql'] })
  if (!there())
    say('no PostgreSQL: the tests of the ledger on it will be skipped. Debian/Ubuntu: apt-get install postgresql')
}

/** A PKCS#11 token in software, and the tool that signs with one. Without them its test is skipped, and says so. */
function token() {
  const there = () => ['softhsm2-util', 'pkcs11-tool'].every(onPath)
  if (there()) return
  say('installing softhsm2 and opensc for the tests')
  packageInstall({ apt: ['softhsm2', 'opensc'], brew: ['softhsm', 'opensc'] })
  if (!there())
    say(
      'no softhsm2, opensc: the test of PKCS#11 tokens will be skipped. Debian/Ubuntu: apt-get install softhsm2 opensc',
    )
}

function packageInstall({ apt, brew }) {
  const run = (cmd, args) =>
    spawnSync(cmd, args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status === 0
  if (onPath('apt-get')) {
    const isRoot = process.getuid?.() === 0
    if (!isRoot && !(onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0))
      return false
    const aptGet = (args) => (isRoot ? run('apt-get', args) : run('sudo', ['-n', 'apt-get', ...args]))
    // A service of its own is not wanted: the hub starts a private server. policy-rc.d is respected where there is one.
    return aptGet(['update', '-qq']) && aptGet(['install', '-y', '-qq', '--no-install-recommends', ...apt])
  }
  return onPath('brew') ? run('brew', ['install', '--quiet', ...brew]) : false
}

/** Is no source newer than the last build? */
function isBuilt() {
  const newest = Math.max(
    ...['messages', 'xsd', 'routing', 'store', 'queues', 'adapters', 'hub', 'monitoring'].map((folder) =>
      newestIn(join(root, folder)),
    ),
    // The bundle holds the packages, too.
    ...['tsconfig.json', 'package-lock.json', 'hub/boot/bundle.mjs'].map((file) => statSync(join(root, file)).mtimeMs),
  )
  return existsSync(stamp) && statSync(stamp).mtimeMs > newest && existsSync(join(root, 'dist/hub/cli/main.js'))
}

/** tsc, what is compiled of data, and the bundle. */
function build() {
  say('building')
  const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0
  const built = (file) => node(join(root, 'dist', file))
  if (!node(join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.json')))
    fail('the build failed; the reason is above.')
  if (!built('xsd/form-store/compile.js')) fail('the forms are at fault; see above.')
  if (!built('routing/compile.js')) fail('the routing data is at fault; see above.')
  if (!built('adapters/simulator/compile.js')) fail('the simulator’s answers are at fault; see above.')
  if (!node(join(root, 'hub/boot/bundle.mjs'))) fail('the bundle failed; the reason is above.')
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist/build.json'), `${JSON.stringify({ build: buildId() })}\n`)
  writeFileSync(stamp, '')
}

/**
 * What this build was made of, as `hub --version` says it: HUB_BUILD where somebody says it (the image has no git), the
 * commit, or the hash of what came out.
 */
function buildId() {
  const given = (process.env.HUB_BUILD ?? '').replace(/[^0-9A-Za-z.-]/g, '')
  if (given !== '') return given
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  // A tree that only lies inside of another's repository is none of its commits.
  const isOwn = git('rev-parse', '--show-prefix')
  const commit = git('describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=.changed')
  if (isOwn.status === 0 && isOwn.stdout.trim() === '' && commit.status === 0) return commit.stdout.trim()
  const hash = createHash('sha256')
  const bundle = join(root, 'dist/bundle')
  const [files] = JSON.parse(readFileSync(join(bundle, 'builds.json'), 'utf8'))
  for (const file of files.sort()) if (file.endsWith('.js')) hash.update(readFileSync(join(bundle, file)))
  return `tree.${hash.digest('hex').slice(0, 12)}`
}

function newestIn(dir) {
  let newest = 0
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) newest = Math.max(newest, newestIn(join(dir, entry.name)))
    else if (entry.name.endsWith('.ts')) newest = Math.max(newest, statSync(join(dir, entry.name)).mtimeMs)
  }
  return newest
}

/** tsc --watch beside the hub; the hub starts again whenever a build has come through. */
async function dev() {
  const tsc = spawn(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      join(root, 'tsconfig.json'),
      '--watch',
      '--preserveWatchOutput',
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let hub
  let stopping = false
  const restart = () => {
    const begin = () => {
      if (!stopping)
        hub = spawn(process.execPath, [join(root, 'dist/hub/cli/main.js'), 'start', '--demo', ...rest], {
          cwd: root,
          stdio: 'inherit',
        })
    }
    if (hub && hub.exitCode === null) hub.once('exit', begin).kill('SIGTERM')
    else begin()
  }
  tsc.stdout.on('data', (chunk) => {
    process.stdout.write(chunk)
    if (/Found 0 errors/.test(String(chunk))) restart()
  })
  const stop = () => {
    stopping = true
    tsc.kill()
    if (hub && hub.exitCode === null) hub.once('exit', () => process.exit(0)).kill('SIGTERM')
    else process.exit(0)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
}

function onPath(name) {
  const extra = process.platform === 'win32' ? [] : ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
  return [...(process.env.PATH ?? '').split(delimiter), ...extra].some(
    (dir) => dir !== '' && existsSync(join(dir, name)),
  )
}

function fail(message) {
  process.stderr.write(`setup: ${message}\n`)
  process.exit(1)
}

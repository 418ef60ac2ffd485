// older-build — the hub as it was before its ledger on PostgreSQL last got a migration, built from the repository's own
// history into a folder of its own.
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './hub.js'
import { run } from './process.js'
import { tempDir } from './temp.js'

export interface OlderBuild {
  commit: string
  /** Its command line. */
  program: string
}

const git = async (...args: string[]) => {
  const { code, stdout } = await run('git', ['-C', root, ...args])
  return code === 0 ? stdout.trim() : ''
}

/** ROLLING_FROM names another commit. Undefined where the history does not reach so far back (a shallow clone). */
export async function olderCommit(): Promise<string | undefined> {
  const wanted =
    process.env.ROLLING_FROM ??
    `${await git('log', '-1', '--diff-filter=A', '--format=%H', '--', 'store/postgres/migrations')}^`
  return (await git('rev-parse', '--verify', '--quiet', `${wanted}^{commit}`)) || undefined
}

/** Takes a minute. Packages are those of today. */
export async function buildOlder(commit: string): Promise<OlderBuild> {
  const dir = await tempDir('older')
  const archive = await run('sh', ['-c', `git -C "${root}" archive ${commit} | tar -x -C "${dir}"`])
  if (archive.code !== 0) throw new Error(`no archive of ${commit}: ${archive.stderr}`)
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  const built = await run('npm', ['run', '--silent', 'build'], { cwd: dir, ms: 600_000 })
  if (built.code !== 0) throw new Error(`${commit} does not build: ${built.stdout}${built.stderr}`)
  return { commit, program: join(dir, 'dist/hub/cli/main.js') }
}

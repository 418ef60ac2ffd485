// bundle — what the build makes of the program for a fast start, and when it is used.
import { copyFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cleanEnv, cli, root } from '../support/hub.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'

test('a command loads a few files of the bundle, and no package file by file', async () => {
  const dir = await tempDir('loaded')
  const { code, stdout } = await run(process.execPath, [cli, '--help'], {
    env: { ...cleanEnv(), NODE_V8_COVERAGE: dir },
  })
  expect(code).toBe(0)
  expect(stdout).toContain('hub validate FILE')
  const [file] = await readdir(dir)
  const { result } = JSON.parse(await readFile(join(dir, file!), 'utf8')) as { result: { url: string }[] }
  const loaded = result
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => relative(root, fileURLToPath(url)))
  expect(loaded).toContain('dist/bundle/hub.js')
  expect(loaded.filter((one) => !one.startsWith('dist/bundle/'))).toEqual(['dist/hub/cli/main.js'])
  expect(loaded.length).toBeLessThan(40)
})

describe('what was built last is what runs', () => {
  test.each([
    ['the bundle, where it was made after the last compiling', { compiled: 100, bundled: 100 }, 'bundle'],
    ['the files, where one was compiled since', { compiled: 101, bundled: 100 }, 'files'],
    ['the files, where there is no bundle', { compiled: 100 }, 'files'],
  ] as const)('%s', async (_, times: { compiled: number; bundled?: number }, runs) => {
    const dir = await tempDir('built')
    await mkdir(join(dir, 'dist/hub/cli'), { recursive: true })
    await mkdir(join(dir, 'dist/bundle'))
    await writeFile(join(dir, 'package.json'), '{"type":"module"}')
    await copyFile(cli, join(dir, 'dist/hub/cli/main.js'))
    await writeFile(join(dir, 'dist/hub/cli/program.js'), 'console.log("files")')
    const at = async (file: string, time: number) => {
      await writeFile(join(dir, 'dist', file), 'console.log("bundle")')
      await utimes(join(dir, 'dist', file), time, time)
    }
    await at('.tsbuildinfo', times.compiled)
    if (times.bundled !== undefined) await at('bundle/hub.js', times.bundled)
    const { stdout } = await run(process.execPath, [join(dir, 'dist/hub/cli/main.js')], { env: cleanEnv() })
    expect(stdout.trim()).toBe(runs)
  })
})

test('what Node has compiled is kept for the next command, where this Node can', async () => {
  const dir = await tempDir('compiled')
  await mkdir(join(dir, 'dist/hub/cli'), { recursive: true })
  await writeFile(join(dir, 'package.json'), '{"type":"module"}')
  await copyFile(cli, join(dir, 'dist/hub/cli/main.js'))
  await writeFile(join(dir, 'dist/hub/cli/program.js'), 'console.log("files")')
  const { stdout } = await run(process.execPath, [join(dir, 'dist/hub/cli/main.js')], { env: cleanEnv() })
  expect(stdout.trim()).toBe('files')
  const kept = existsSync(join(dir, 'dist/compiled'))
    ? await readdir(join(dir, 'dist/compiled'), { recursive: true, withFileTypes: true })
    : []
  expect(kept.some((one) => one.isFile())).toBe('enableCompileCache' in module)
})

test('every thread and every process the hub starts is in the bundle', () => {
  const sources = ['xsd', 'store', 'adapters', 'hub'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  )
  const started = sources.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/new URL\('(\.\/[^']+)\.js', import\.meta\.url\)/g)].map(([, to]) =>
      relative(root, resolve(dirname(file), `${to}.ts`)),
    ),
  )
  expect(started.length).toBeGreaterThan(4)
  const bundled = readFileSync(join(root, 'hub/boot/bundle.mjs'), 'utf8')
  expect(started.filter((file) => !bundled.includes(`'${file}'`))).toEqual([])
})

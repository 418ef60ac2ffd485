#!/usr/bin/env node
// main — what is run as `hub`: the program, from the bundle the build made of it (hub/boot/bundle.mjs). Where something
// was compiled since, as by `npm run dev`, file by file.
import { statSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

// From Node 22 on what was compiled is kept for the next start. Where it cannot be written it is compiled again.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown }
enableCompileCache?.(fileURLToPath(new URL('../../compiled', import.meta.url)))

const modifiedAt = (file: URL) => statSync(file, { throwIfNoEntry: false })?.mtimeMs
const bundle = new URL('../../bundle/hub.js', import.meta.url)
const compiled = new URL('../../.tsbuildinfo', import.meta.url)

await import((modifiedAt(bundle) ?? -1) >= (modifiedAt(compiled) ?? 0) ? bundle.href : './program.js')

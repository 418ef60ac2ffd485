#!/usr/bin/env node
// main — what is run as `hub`: the program, from the bundle the build made of it (hub/boot/bundle.mjs). Where something
// was compiled since, as by `npm run dev`, file by file.
import { statSync } from 'node:fs'

const modifiedAt = (file: URL) => statSync(file, { throwIfNoEntry: false })?.mtimeMs
const bundle = new URL('../../bundle/hub.js', import.meta.url)
const compiled = new URL('../../.tsbuildinfo', import.meta.url)

await import((modifiedAt(bundle) ?? -1) >= (modifiedAt(compiled) ?? 0) ? bundle.href : './program.js')

// compile — a step of the build: checks every form and keeps what the hub starts with beside the build.
import { FormDataError } from '../form/read.js'
import { compileForms } from './store.js'

try {
  compileForms()
} catch (error) {
  if (!(error instanceof FormDataError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

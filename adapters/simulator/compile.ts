// compile — a step of the build: keeps what the simulator's data says beside the build.
import { fileURLToPath } from 'node:url'
import { copyBookData } from './book-data.js'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
copyBookData(at('../../../xsd/families'), at('../../simulator.json'))

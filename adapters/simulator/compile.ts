// compile — a step of the build: keeps what the simulator's data says, and the font it prints with, beside the build.
import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyBookData } from './book-data.js'
import { copyLabels, copyMeanings } from './print/labels.js'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
copyBookData(at('../../../xsd/families'), at('../../simulator.json'))

copyLabels(at('../../../xsd/families'), at('../../labels.json'))
copyMeanings(at('../../../xsd/codes'), at('../../meanings.json'))

// One weight of eighteen: prints are in Chinese, and no system is sure to have a font for that.
const fonts = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans-sc/package.json'))
mkdirSync(at('../../fonts'), { recursive: true })
copyFileSync(join(fonts, '400Regular/NotoSansSC_400Regular.ttf'), at('../../fonts/NotoSansSC-Regular.ttf'))
copyFileSync(join(fonts, 'LICENSE_FONT'), at('../../fonts/LICENSE'))

// library — ssh2, loaded in one way by all: its client (ssh2-sftp-client) requires it, and what is required by one and
// imported by another while a hub starts has been seen half loaded.
import { createRequire } from 'node:module'

export const ssh2 = createRequire(import.meta.url)('ssh2') as typeof import('ssh2')

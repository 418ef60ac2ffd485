// kinds — the ways to reach agencies that there are. The one list: nothing else knows a kind by name.
import { folder } from './folder/kind.js'
import { http } from './http/kind.js'
import type { ConnectorKind } from './kind.js'
import { sftp } from './sftp/kind.js'

/** The first is meant where an agency's entry names none. */
export const connectorKinds: readonly [ConnectorKind, ...ConnectorKind[]] = [http, folder, sftp]

// refusal — why one SFTP request is answered with something else than OK.
import { ssh2 } from '../../ssh/library.js'

const { STATUS_CODE } = ssh2.utils.sftp
export { STATUS_CODE }

/** Thrown by a request's work; becomes its STATUS answer and touches nothing else. */
export class SftpRefusal extends Error {
  override name = 'SftpRefusal'
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** The refusal of what is not there, and of what a partner may not know of. */
export const noSuchFile = () => new SftpRefusal(STATUS_CODE.NO_SUCH_FILE, 'No such file')
/** The refusal of what is there and may not be done; `why` is shown to the client. */
export const denied = (why: string) => new SftpRefusal(STATUS_CODE.PERMISSION_DENIED, why)
/** Any other refusal; `why` is shown to the client and holds no path of ours. */
export const failure = (why: string) => new SftpRefusal(STATUS_CODE.FAILURE, why)
/** The refusal of requests this door does not know. */
export const unsupported = () => new SftpRefusal(STATUS_CODE.OP_UNSUPPORTED, 'Not supported')

/**
 * The answer an error of any kind gets. What the system says (paths, devices) is for the log, never for the partner.
 */
export function statusOf(error: unknown): { status: number; message: string } {
  if (error instanceof SftpRefusal) return { status: error.status, message: error.message }
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOENT':
      return { status: STATUS_CODE.NO_SUCH_FILE, message: 'No such file' }
    case 'ELOOP':
    case 'EACCES':
      return { status: STATUS_CODE.PERMISSION_DENIED, message: 'Permission denied' }
    case 'ENOSPC':
    case 'EDQUOT':
      return { status: STATUS_CODE.FAILURE, message: 'No space left; nothing was taken, send it again later' }
    default:
      return { status: STATUS_CODE.FAILURE, message: 'Not taken, send it again later' }
  }
}

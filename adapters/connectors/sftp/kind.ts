// kind — `connector: sftp`: directories on the agency's own SFTP server.
import { Type, type Static } from 'typebox'
import type { ValueFault } from '../../../messages/value-fault.js'
import { fileParts, fileSettings } from '../files/settings.js'
import { connectorKind } from '../kind.js'
import { directory, fileName, variable } from '../setting-words.js'
import { createSftpConnector } from './sftp-connector.js'

const HostKey = Type.String({
  pattern: '^SHA256:[A-Za-z0-9+/]{43}=?$',
  description: 'SHA256:… as `ssh-keygen -lf` prints it',
  zh: 'SHA256:…（ssh-keygen -lf 的输出）',
})

const Settings = Type.Object({
  host: Type.String({ minLength: 1, description: "The agency's server", zh: '部门服务器地址' }),
  port: Type.Integer({ default: 22, minimum: 1, maximum: 65535, description: 'Its port', zh: '端口' }),
  username: Type.String({ minLength: 1, description: 'Who the hub logs in as', zh: '登录用户名' }),
  keyFile: Type.Optional(fileName("the hub's private key. A key, a password, or both", '登录私钥')),
  passphraseEnv: Type.Optional(variable("the key's passphrase", '私钥口令')),
  passwordEnv: Type.Optional(variable('the password', '登录密码')),
  hostKey: Type.Union([HostKey, Type.Array(HostKey, { minItems: 1 })], {
    description:
      'As `ssh-keygen -lf` prints it; two while the server changes its key. A server with another key is not spoken to',
    zh: '服务器主机公钥指纹；更换密钥期间可填两个',
  }),
  drop: directory('Where messages are put. `{agency}` is replaced by the code of the agency', '报文投放目录'),
  pickUp: directory('Where answers are found', '回执目录'),
  stage: Type.Optional(
    directory(
      'Where a file lies until it is whole. Absent: in `drop`, under a hidden name that ends in `.tmp`',
      '文件写完前的暂存目录',
    ),
  ),
  sent: Type.Optional(directory('Where the agency puts what it has taken', '部门已接收报文的目录')),
  failed: Type.Optional(directory('Where the agency puts what it could not take', '部门未能接收报文的目录')),
  ...fileSettings,
})

function faults({ keyFile, passwordEnv, drop, pickUp }: Static<typeof Settings>): ValueFault[] {
  const nothingToShow: ValueFault = {
    at: '',
    en: 'needs keyFile or passwordEnv',
    zh: '必须填写 keyFile 或 passwordEnv',
  }
  const oneDirectory: ValueFault = {
    at: '',
    en: 'has the same directory for drop and pickUp',
    zh: 'drop 与 pickUp 不能是同一目录',
  }
  return [
    ...(keyFile === undefined && passwordEnv === undefined ? [nothingToShow] : []),
    ...(drop === pickUp ? [oneDirectory] : []),
  ]
}

/** Agencies that take files on a server of their own. */
export const sftp = connectorKind({
  kind: 'sftp',
  title: "directories on the agency's own server 部门 SFTP 服务器",
  Settings,
  faults,
  fetches: true,
  place: ({ host, port, username, drop, pickUp, stage, sent, failed, prefix }) => [
    ...[host, port, username, prefix],
    ...[drop, pickUp, stage, sent, failed],
  ],
  answersQueries: false,
  create(settings, given) {
    const { host, port, username, keyFile, hostKey, drop, pickUp, stage, sent, failed } = settings
    return createSftpConnector({
      ...fileParts(settings, given),
      server: {
        host,
        port,
        username,
        keyFile,
        passphrase: given.secret(settings.passphraseEnv),
        password: given.secret(settings.passwordEnv),
        hostKeys: [hostKey].flat(),
      },
      drop,
      pickUp,
      ...(stage === undefined ? {} : { stage }),
      ...(sent === undefined ? {} : { sent }),
      ...(failed === undefined ? {} : { failed }),
    })
  },
})

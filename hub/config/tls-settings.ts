// tls-settings — TLS at the HTTP door: `tls` of hub.yaml.
import { Type, type Static } from 'typebox'

/** `tls` of hub.yaml. */
export const TlsSettings = Type.Object(
  {
    certFile: Type.String({
      minLength: 1,
      description:
        'PEM: the certificate of the HTTP door, then those between it and the root. Watched: a renewed pair ' +
        'needs no restart ([TLS](operations.md#tls))',
      zh: 'HTTP 服务证书（PEM）',
    }),
    keyFile: Type.String({ minLength: 1, description: 'PEM: its private key', zh: '证书私钥（PEM）' }),
    passphraseEnv: Type.Optional(
      Type.String({
        description: 'Environment variable with the passphrase of the key',
        zh: '私钥口令的环境变量',
      }),
    ),
    clientCertificates: Type.Enum(['off', 'ask'], {
      default: 'off',
      description:
        '`ask`: callers may show a certificate that was registered for a partner ([client ' +
        'certificates](operations.md#client-certificates-客户端证书))',
      zh: '是否请求客户端证书',
    }),
    clientCaFile: Type.Optional(
      Type.String({
        description: 'PEM: authorities whose certificates may be registered by their subject; read at the start',
        zh: '可按主题登记证书的 CA（PEM）',
      }),
    ),
    hstsSeconds: Type.Integer({
      default: 31_536_000,
      minimum: 0,
      description: 'Seconds browsers come back by TLS only; 0: they are not told',
      zh: '浏览器只用 TLS 访问的时间（秒）',
    }),
  },
  { additionalProperties: false },
)
export type TlsSettings = Static<typeof TlsSettings>

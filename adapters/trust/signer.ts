// signer — a key that signs messages for customs (加签), wherever it lies: in a file, behind a command (a PKCS#11 token
// by pkcs11-tool, an HSM's own tool), or at an agent beside a U-Key. All of them are given the same bytes and give back
// the same value.
import { Type, type Static } from 'typebox'

const strict = { additionalProperties: false }

/**
 * What the operator writes about one signer (`signers` in hub.yaml). Exactly one of `keyFile`, `command` and
 * `agentTokenEnv` says where its key is.
 */
export const SignerSettings = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9._-]{1,64}$',
      description: 'What it is called in logs, metrics and lists',
    }),
    certFile: Type.String({ minLength: 1, description: 'The certificate of its key, PEM; RSA or SM2' }),
    keyFile: Type.Optional(Type.String({ minLength: 1, description: 'Its private key, PEM, mode 0600' })),
    passphraseEnv: Type.Optional(
      Type.String({ minLength: 1, description: 'Environment variable with the passphrase of keyFile' }),
    ),
    command: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'A program and its arguments: it is given the bytes to be signed on standard input and writes the ' +
          'signature to standard output',
      }),
    ),
    agentTokenEnv: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Environment variable with the token that `hub sign-agent` shows; the key lies where that runs',
      }),
    ),
    agencies: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Only for these agencies' }),
    ),
    companies: Type.Optional(
      Type.Array(Type.String({ minLength: 4 }), {
        minItems: 1,
        description: 'Only for what these companies file: codes as the messages have them (customs code, credit code)',
      }),
    ),
    keyName: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'KeyName of the signature; absent: the number of the certificate',
      }),
    ),
    includeCertificate: Type.Boolean({ default: true, description: 'The certificate goes with the signature' }),
    timeoutSeconds: Type.Number({
      default: 10,
      minimum: 0.1,
      maximum: 300,
      description: 'The longest one signature may take',
    }),
  },
  strict,
)
export type SignerSettings = Static<typeof SignerSettings>

/**
 * The value of the key over these bytes: RSA PKCS #1 v1.5 with SHA-256, or SM2 with SM3 in DER. Rejects when the key
 * cannot be had now.
 */
export type SignWithKey = (bytes: Buffer) => Promise<Buffer>

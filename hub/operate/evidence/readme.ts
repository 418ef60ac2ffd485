// readme — the page in an evidence zip, for whoever gets it: what is in it, and how to verify it without the hub.
import type { ProofOfMessage } from '../../../store/ledger.js'

interface ReadmeFacts {
  message: { messageId: string; reference: string; partnerId?: string; receivedAt?: string | Date; state: string }
  version: string
  bytesKept: boolean
  proof: Pick<ProofOfMessage, 'facts' | 'heads'>
}

/** Of the newest head that has one. RFC 3161, over the bytes of the signature. */
function stampCommand({ heads }: ReadmeFacts['proof']): string {
  const n = heads.findLast(({ timeStamp }) => timeStamp !== undefined)?.n
  if (n === undefined) return ''
  return `
时间戳（RFC 3161）由第三方签发，证明链头签名在该时间已存在 The time stamp is a third party's: the signature was there then:

    openssl ts -verify -token_in -in heads/${n}.tst -data heads/${n}.sig -CAfile tsa-ca.pem
`
}

/** The README of a piece of evidence, in Chinese and English. */
export function readme({ message, version, bytesKept, proof }: ReadmeFacts): string {
  const head = proof.heads.at(-1)
  const n = head?.n ?? 'N'
  return (
    `# ${message.reference} · ${message.messageId}

State 状态: ${message.state} · ${proof.facts.length} facts 事实 · hub ${version}
${
  bytesKept
    ? ''
    : '\nThe bytes were let go of when their time was over; their hash stays in the proof. ' +
      '报文原文已按保存期限清除，其摘要仍在证据中。\n'
}
## 内容

| 文件 | 说明 |
|---|---|
| \`message/content\`、\`message/attachment-N\` | 收到的报文原文和附件，逐字节 |
| \`receipts/\` | 每份回执，与记录时一致 |
| \`answers/\` | 主管部门回执原文 |
| \`history.json\` | 每次申报尝试及时间，供阅读 |
| \`proof.json\` | 事实、链节和已签名的链头 |
| \`heads/\`、\`hub-key.pem\` | 链头、签名、时间戳（如有）和本系统公钥 |

**验证**：\`node verify.mjs hub.pub\`（Node 20 及以上，不需要任何软件包）。\`hub.pub\` 是从本系统运维人员另行取得的公钥；不写则使用包内公钥，此时请核对输出的密钥指纹。

只验证签名（OpenSSL 3）：

    openssl pkeyutl -verify -pubin -inkey hub-key.pem -rawin -in heads/${n}.txt -sigfile heads/${n}.sig
    openssl dgst -sha256 message/content
${stampCommand(proof)}
**含义**：本系统在记录报文、回执、每次尝试和运维操作的同一次写入中，计算其 SHA-256 并与前一链节相连。任何事后改动都会改变其后所有摘要，与已签名的链头不符。时间为本系统时钟。

## Contents

| file | is |
|---|---|
| \`message/content\`, \`message/attachment-N\` | the message and its attachments as received, byte for byte |
| \`receipts/\` | every receipt, as it was recorded |
| \`answers/\` | what the agency wrote |
| \`history.json\` | every attempt with its times, for reading |
| \`proof.json\` | the facts, the links of the chain and the signed heads |
| \`heads/\`, \`hub-key.pem\` | the heads, their signatures and time stamps, and the hub's public key |

**Verify**: \`node verify.mjs hub.pub\` (Node 20 or later, no packages). \`hub.pub\` is the public key that the ` +
    `operator of the hub gave you another way; without it the key in this zip is used, and you compare the
fingerprint that is printed.

The signature alone, with OpenSSL 3: the two commands above. The second prints the hash that is in ` +
    `\`proof.json\` as the fact \`bytes\`.

**What it says**: with every message, receipt, attempt and operator's act the hub writes, in the same write, ` +
    `its SHA-256 into a chain; each link holds the hash of the one before. A later change of any of it changes
every hash behind it, up to the signed head. Times are those of the hub's clock. \`fixed\` and \`now\` of a fact ` +
    `are the columns of the row: those that never change, and those that may.
`
  )
}
